import { mkdir } from "node:fs/promises";
import { SlipwayError } from "../../../errors.ts";
import type { StorageConfig } from "../config/server-config.ts";
import { FilesystemDriver } from "../filesystem-driver.ts";
import type { StorageDriver } from "../storage-driver.ts";

/** Where a registry keeps its bytes. Throws `invalid_argument` without a configuration. */
export async function openStorage(config: StorageConfig | undefined): Promise<StorageDriver> {
  if (config === undefined)
    throw new SlipwayError("invalid_argument", "Invalid registry configuration: storage is missing");
  await mkdir(config.filesystem.root, { recursive: true });
  return new FilesystemDriver(config.filesystem.root);
}
