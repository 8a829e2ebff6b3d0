import { SlipwayError } from "../errors.ts";
import type { VolumeConfig } from "./volume.ts";

/** Throws `invalid_argument`, in Docker's words, for a name that is no volume's. */
export function checkVolumeName(name: string): void {
  if (name.length === 1) {
    throw invalid("volume name is too short, names should be at least two alphanumeric characters");
  }
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name) && name.length <= 255) return;
  const rule = '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed';
  throw invalid(
    `create ${name}: "${name}" includes invalid characters for a local volume name, only ${rule}. ` +
      "If you intended to pass a host directory, use absolute path",
  );
}

/** Throws for another driver than `local`, and for options that the local driver does not know or that lack a partner. */
export function checkVolumeConfig(name: string, config: VolumeConfig): void {
  const driver = config.driver ?? "";
  if (driver !== "" && driver !== "local") {
    throw new SlipwayError(
      "not_found",
      `create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`,
    );
  }
  const options = config.options ?? {};
  for (const option of Object.keys(options)) {
    if (option === "size") {
      throw new SlipwayError(
        "not_implemented",
        'Volume option "size" is not supported: it needs a file system with quotas',
      );
    }
    if (!["type", "device", "o"].includes(option))
      throw invalid(`create ${name}: invalid option: "${option}"`);
  }
  if (Object.keys(options).length === 0) return;
  for (const required of ["device", "type"]) {
    if (!options[required]) throw invalid(`create ${name}: missing required option: "${required}"`);
  }
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}
