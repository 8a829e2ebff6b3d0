import type { OciMount } from "../../runtime/spec/oci-spec.ts";
import type { FileManifest, KeyPart } from "../op-handler.ts";

/** The mounts of a step, ready to be used. Dispose when its process has ended. */
export interface PreparedMounts extends AsyncDisposable {
  readonly mounts: readonly (OciMount & { readonly isFile?: boolean })[];
  /** `NAME=value`: secrets given as variables. */
  readonly env: readonly string[];
}

/** What the mounts of a step add to its key, and the files of the context that they show. */
export interface MountKey {
  readonly parts: readonly KeyPart[];
  readonly manifest?: FileManifest | undefined;
}
