import { errorMessage, SlipwayError } from "../../errors.ts";
import { makeDirAt } from "../../platform/dir-at.ts";
import {
  AT_FDCWD,
  closeFd,
  O_DIRECTORY,
  O_PATH,
  openAt,
  openConfined,
  RESOLVE_IN_ROOT,
} from "../../platform/fd.ts";
import { errnoOf } from "../../platform/syscall-error.ts";

/**
 * Makes the directory a process starts in, with its parents: owned by root, mode 0755, as Docker does. What is there
 * stays as it is; links lead nowhere but into `root`. Throws `invalid_argument` when something else is in the way.
 */
export function makeWorkingDirectory(root: string, path: string): void {
  const top = openAt(AT_FDCWD, root, O_PATH | O_DIRECTORY);
  try {
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    for (const [at, name] of names.entries()) makeOne(top, names.slice(0, at).join("/"), name);
  } catch (error) {
    const why = errnoOf(error) === "ENOTDIR" ? "not a directory" : errorMessage(error);
    throw new SlipwayError("invalid_argument", `Cannot mkdir: ${path}: ${why}`, { cause: error });
  } finally {
    closeFd(top);
  }
}

function makeOne(top: number, parent: string, name: string): void {
  const path = parent === "" ? name : `${parent}/${name}`;
  try {
    closeFd(openConfined(top, path, O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT));
    return;
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  const directory = openConfined(top, parent === "" ? "." : parent, O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT);
  try {
    makeDirAt(directory, name, 0o755);
  } finally {
    closeFd(directory);
  }
}
