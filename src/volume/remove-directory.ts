import { basename, dirname } from "node:path";
import { closeFd, AT_FDCWD, openAt, O_DIRECTORY, O_RDONLY } from "../platform/fd.ts";
import { removeTreeAt } from "../platform/remove-tree.ts";

/** Removes a tree without entering mounts or following links. No error when it is gone. */
export function removeDirectory(path: string): void {
  const parent = openAt(AT_FDCWD, dirname(path), O_RDONLY | O_DIRECTORY);
  try {
    removeTreeAt(parent, basename(path));
  } finally {
    closeFd(parent);
  }
}
