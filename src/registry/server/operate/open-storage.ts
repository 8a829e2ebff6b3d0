import { mkdir, readFile } from "node:fs/promises";
import { errorMessage, SlipwayError } from "../../../errors.ts";
import type { S3Config, StorageConfig } from "../config/server-config.ts";
import { FilesystemDriver } from "../filesystem-driver.ts";
import { S3Driver } from "../s3/s3-driver.ts";
import type { StorageDriver } from "../storage-driver.ts";

/** Where a registry keeps its bytes. Throws `invalid_argument` without a configuration. */
export async function openStorage(config: StorageConfig | undefined): Promise<StorageDriver> {
  if (config === undefined)
    throw new SlipwayError("invalid_argument", "Invalid registry configuration: storage is missing");
  if ("s3" in config) return await openS3(config.s3);
  const { root } = config.filesystem;
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
  } catch (error) {
    const message = `Cannot keep the registry's data in "${root}": ${errorMessage(error)}`;
    throw new SlipwayError("invalid_argument", message, { cause: error });
  }
  return new FilesystemDriver(root);
}

async function openS3(config: S3Config): Promise<StorageDriver> {
  const { accessKeyId, secretAccessKey, secretAccessKeyFile, ...options } = config;
  const secret = secretAccessKey ?? (await readSecret(secretAccessKeyFile ?? ""));
  return new S3Driver({ ...options, credentials: { accessKeyId, secretAccessKey: secret } });
}

async function readSecret(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    const message = `Cannot read the secret in "${path}": ${errorMessage(error)}`;
    throw new SlipwayError("invalid_argument", message, { cause: error });
  }
}
