import { statSync } from "node:fs";
import { SlipwayError } from "../../errors.ts";
import { deviceNumbers } from "../../runtime/spec/host-devices.ts";
import type { BlockDeviceLimits } from "../../runtime/spec/spec-input.ts";
import type { HostConfig, ThrottleDevice } from "../types/container-config.ts";

/** Limits of single block devices, by their numbers. Reads the devices. Throws `invalid_argument` for one that is not there. */
export function blockDeviceLimits(config: HostConfig): BlockDeviceLimits {
  const rates = (devices: readonly ThrottleDevice[] | null | undefined) =>
    (devices ?? []).map(({ Path, Rate }) => ({ ...numbersOf(Path), rate: Rate }));
  return {
    weights: (config.BlkioWeightDevice ?? []).map(({ Path, Weight }) => ({
      ...numbersOf(Path),
      weight: Weight,
    })),
    readBps: rates(config.BlkioDeviceReadBps),
    writeBps: rates(config.BlkioDeviceWriteBps),
    readIops: rates(config.BlkioDeviceReadIOps),
    writeIops: rates(config.BlkioDeviceWriteIOps),
  };
}

function numbersOf(path: string): { major: number; minor: number } {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new SlipwayError("invalid_argument", `stat ${path}: no such file or directory`);
  }
  if (!found.isBlockDevice()) {
    throw new SlipwayError("invalid_argument", `${path} is not a block device`);
  }
  return deviceNumbers(found.rdev);
}
