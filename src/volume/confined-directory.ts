import { SlipwayError } from "../errors.ts";
import {
  AT_FDCWD,
  closeFd,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  openAt,
  openConfined,
  RESOLVE_IN_ROOT,
} from "../platform/fd.ts";
import { errnoOf } from "../platform/syscall-error.ts";

/**
 * Opens the directory `path` of the tree at `root` as a process whose root that tree is would see it: links, absolute
 * ones too, stay inside. Undefined when there is no such directory. The caller closes.
 */
export function openInside(root: string, path: string): number | undefined {
  const top = openAt(AT_FDCWD, root, O_PATH | O_DIRECTORY);
  try {
    return openConfined(top, path, O_RDONLY | O_DIRECTORY, RESOLVE_IN_ROOT);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  } finally {
    closeFd(top);
  }
}

/**
 * `work` with a path that means a volume's `subpath`, links resolved inside the volume, and means it for as long as
 * `work` takes: who writes into the volume meanwhile cannot lead it elsewhere. Throws `not_found`.
 */
export async function withSubpath<T>(
  volume: string,
  subpath: string,
  work: (path: string) => T | Promise<T>,
): Promise<T> {
  const fd = openInside(volume, subpath);
  if (fd === undefined)
    throw new SlipwayError("not_found", `cannot access path ${subpath} of the volume: no such directory`);
  try {
    return await work(`/proc/self/fd/${fd}`);
  } finally {
    closeFd(fd);
  }
}
