import { chmodAt, makeDirAt, unlinkAt } from "../../platform/dir-at.ts";
import { AT_FDCWD, closeFd, O_DIRECTORY, O_NOFOLLOW, O_PATH, openAt } from "../../platform/fd.ts";
import { isDirectory, statAtIfAny } from "../../platform/stat.ts";

/**
 * Leaves nothing but directories on the way to a destination, as if its files had been copied to an empty root and put
 * over this one (Dockerfile reference, "COPY --link"): a link or file on the way gives way to a directory. A last name
 * without a slash is taken away when it is a link, for a file comes there.
 */
export function clearWay(root: string, destination: string): void {
  const names = destination.split("/").filter(Boolean);
  const last = destination.endsWith("/") ? undefined : names.pop();
  let at = openAt(AT_FDCWD, root, O_PATH | O_DIRECTORY);
  try {
    for (const name of names) {
      const there = statAtIfAny(at, name);
      if (there === undefined) return;
      if (!isDirectory(there)) {
        unlinkAt(at, name);
        makeDirAt(at, name, 0o755);
        chmodAt(at, name, 0o755);
      }
      const next = openAt(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
      closeFd(at);
      at = next;
    }
    const there = last === undefined ? undefined : statAtIfAny(at, last);
    if (last !== undefined && there !== undefined && !isDirectory(there)) unlinkAt(at, last);
  } finally {
    closeFd(at);
  }
}
