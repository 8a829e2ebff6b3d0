import { SlipwayError } from "../../../errors.ts";
import type { HostConfig } from "../../types/container-config.ts";

/** `--storage-opt`. Throws `not_implemented` and `invalid_argument`, naming the option. Pure. */
export function checkStorage({ StorageOpt }: HostConfig): void {
  const [option] = Object.keys(StorageOpt ?? {});
  if (option === undefined) return;
  if (option !== "size") throw new SlipwayError("invalid_argument", `unknown option ${option}`);
  throw new SlipwayError(
    "not_implemented",
    "--storage-opt size is not supported: this engine sets no quotas on writable layers, on no file system",
  );
}
