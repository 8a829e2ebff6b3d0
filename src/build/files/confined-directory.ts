import { chmodAt, chownAt, makeDirAt } from "../../platform/dir-at.ts";
import { closeFd, O_DIRECTORY, O_PATH, openConfined, RESOLVE_IN_ROOT } from "../../platform/fd.ts";
import { errnoOf } from "../../platform/syscall-error.ts";
import { SlipwayError } from "../../errors.ts";
import type { Owner } from "./copy-request.ts";

/** The directory at `path`, links followed inside the root; undefined when there is none. The caller closes. */
export function openDirectory(root: number, path: string): number | undefined {
  try {
    return openConfined(root, inside(path), O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Default: root's, 0755. */
export interface MadeDirectory {
  readonly owner?: Owner | undefined;
  readonly mode?: number;
}

/**
 * The directory at `path`, made with its parents where it is missing, each as `made` says. The caller closes. Throws
 * `invalid_argument` when something else is in the way.
 */
export function makeDirectory(root: number, path: string, made: MadeDirectory = {}): number {
  const there = openDirectory(root, path);
  if (there !== undefined) return there;
  const clean = path.replace(/\/+$/, "");
  const at = clean.lastIndexOf("/");
  const name = clean.slice(at + 1);
  const parent = makeDirectory(root, clean.slice(0, Math.max(at, 0)) || "/", made);
  const { owner = { uid: 0, gid: 0 }, mode = 0o755 } = made;
  try {
    makeDirAt(parent, name, mode);
    chmodAt(parent, name, mode);
    chownAt(parent, name, owner.uid, owner.gid);
    return openConfined(parent, name, O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
    throw new SlipwayError("invalid_argument", `cannot copy to non-directory: "${clean}"`, { cause: error });
  } finally {
    closeFd(parent);
  }
}

function inside(path: string): string {
  const relative = path.replace(/^\/+/, "");
  return relative === "" ? "." : relative;
}
