import { SlipwayError } from "../errors.ts";
import type { Mount } from "../oci/mount.ts";
import { lowerDirectories, unescapeOption } from "../platform/overlay-options.ts";
import type { OverlayXattrs } from "./overlay-marks.ts";

/** Where the files of one layer lie. */
export interface LayerDirectories {
  /** Top first: what a directory has hides the same name in those after it. */
  readonly paths: readonly string[];
  readonly xattrs: OverlayXattrs;
}

/**
 * The directories that `mounts` show as one layer: a bind's source, an overlay's upperdir, or the lower directories of
 * an overlay that has none. Throws `invalid_argument` for anything else.
 */
export function layerDirectories(mounts: readonly Mount[]): LayerDirectories {
  const mount = mounts.length === 1 ? mounts[0] : undefined;
  const paths = mount === undefined ? [] : pathsOf(mount);
  if (paths.length === 0)
    throw new SlipwayError("invalid_argument", "Mounts show no directory that could be a layer");
  return { paths, xattrs: mount?.options.includes("userxattr") === true ? "user" : "trusted" };
}

function pathsOf({ type, source, options }: Mount): string[] {
  if (options.some((option) => option === "bind" || option === "rbind")) return [source];
  const upper = options.find((option) => option.startsWith("upperdir="));
  if (upper !== undefined) return [unescapeOption(upper.slice("upperdir=".length))];
  const lower = options.find((option) => option.startsWith("lowerdir="));
  return type === "overlay" && lower !== undefined ? lowerDirectories(lower) : [];
}
