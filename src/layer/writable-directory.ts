import { SlipwayError } from "../errors.ts";
import type { Mount } from "../oci/mount.ts";
import type { OverlayXattrs } from "./overlay-marks.ts";

/** Where the changes of a snapshot lie. */
export interface WritableDirectory {
  readonly path: string;
  readonly xattrs: OverlayXattrs;
}

/** The directory that writes through `mounts` end up in: a bind's source or an overlay's upperdir. */
export function writableDirectory(mounts: readonly Mount[]): WritableDirectory {
  const mount = mounts.length === 1 ? mounts[0] : undefined;
  const xattrs = mount?.options.includes("userxattr") ? "user" : "trusted";
  const isReadOnly = mount?.options.includes("ro") === true;
  const isBind = mount?.options.some((option) => option === "bind" || option === "rbind") === true;
  if (mount !== undefined && isBind && !isReadOnly) return { path: mount.source, xattrs };
  const upper = mount?.options.find((option) => option.startsWith("upperdir="))?.slice("upperdir=".length);
  if (mount?.type === "overlay" && upper !== undefined) {
    return { path: upper.replace(/\\(.)/g, "$1"), xattrs };
  }
  throw new SlipwayError("invalid_argument", "Mounts have no writable directory");
}
