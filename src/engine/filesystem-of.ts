import { statfsSync } from "node:fs";

/** By the kernel's magic numbers (statfs(2)), as Docker calls them. */
const names: ReadonlyMap<number, string> = new Map([
  [0xef53, "extfs"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x01021994, "tmpfs"],
  [0x794c7630, "overlayfs"],
  [0x2fc12fc1, "zfs"],
  [0xf2f52010, "f2fs"],
  [0x6969, "nfs"],
]);

/** What kind of filesystem the path is on; `<unknown>` for others. */
export function filesystemOf(path: string): string {
  return names.get(statfsSync(path).type) ?? "<unknown>";
}
