import { SlipwayError } from "../errors.ts";
import type { Mount } from "../oci/mount.ts";

/** The directory with a committed snapshot's own files, as a bind: of a view's mounts the source, or the topmost lower directory. */
export function ownDirectory(snapshot: string, mounts: readonly Mount[]): Mount {
  const [mount] = mounts;
  if (mount === undefined) throw noDirectory(snapshot);
  const kept = mount.options.filter((option) => option === "userxattr");
  const options = ["rbind", "rw", ...kept];
  if (mount.type !== "overlay") return { type: "bind", source: mount.source, options };
  const lower = mount.options.find((option) => option.startsWith("lowerdir="))?.slice("lowerdir=".length);
  const source = /^(?:\\.|[^:\\])+/.exec(lower ?? "")?.[0].replace(/\\(.)/g, "$1");
  if (source === undefined) throw noDirectory(snapshot);
  return { type: "bind", source, options };
}

function noDirectory(snapshot: string): SlipwayError {
  return new SlipwayError("internal", `Snapshot "${snapshot}" has no directory of its own`);
}
