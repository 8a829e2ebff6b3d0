import { lstatSync, readlinkSync } from "node:fs";
import { SlipwayError } from "../../errors.ts";
import type { SourceTree } from "./source-tree.ts";

const maxLinks = 255;

/**
 * Where `path` leads in the tree when links are followed and the tree's root is the root of all paths: relative,
 * without links. A link that points outside ends at the root, as in a chroot. Throws `not_found`.
 */
export function resolvePath(tree: SourceTree, path: string): string {
  const rest = path.split("/");
  const done: string[] = [];
  for (let links = 0; rest.length > 0;) {
    const name = rest.shift() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      done.pop();
      continue;
    }
    const at = [...done, name].join("/");
    const stat = lstatSync(`${tree.root}/${at}`, { throwIfNoEntry: false });
    if (stat === undefined) throw new SlipwayError("not_found", `"${path}": not found`);
    if (!stat.isSymbolicLink()) {
      done.push(name);
      continue;
    }
    if ((links += 1) > maxLinks) throw new SlipwayError("invalid_argument", `"${path}": too many links`);
    const target = readlinkSync(`${tree.root}/${at}`);
    if (target.startsWith("/")) done.length = 0;
    rest.unshift(...target.split("/"));
  }
  return done.join("/");
}
