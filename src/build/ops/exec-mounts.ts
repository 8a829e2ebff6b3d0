import type { OciMount } from "../../runtime/spec/oci-spec.ts";

/** The mounts of a step, ready to be used. Dispose when its process has ended. */
export interface PreparedMounts extends AsyncDisposable {
  readonly mounts: readonly (OciMount & { readonly isFile?: boolean })[];
  /** `NAME=value`: secrets given as variables. */
  readonly env: readonly string[];
}
