import { readlinkSync } from "node:fs";
import { posix } from "node:path";
import { closeFd, O_PATH, openConfined, RESOLVE_IN_ROOT } from "../../platform/fd.ts";
import { errnoOf } from "../../platform/syscall-error.ts";
import { makeDirectory, openDirectory, type MadeDirectory } from "./confined-directory.ts";
import type { Place } from "./copy-node.ts";
import type { CopyRequest } from "./copy-request.ts";
import { changeMode } from "./symbolic-mode.ts";

/**
 * Where one file of a COPY goes: into the destination under its own name when that is a directory, else to the
 * destination itself, links followed inside the root. Missing parents are made. The caller closes `dir`.
 */
export function resolveDestination(root: number, request: CopyRequest, name: string): Place {
  const { destination } = request;
  const made = madeDirectory(request);
  if (destination.endsWith("/")) return { dir: makeDirectory(root, destination, made), name };
  if (name !== "") {
    const directory = openDirectory(root, destination);
    if (directory !== undefined) return { dir: directory, name };
  }
  const final = followLinks(root, request.root, destination);
  return { dir: makeDirectory(root, posix.dirname(final), made), name: posix.basename(final) };
}

/** What directories are that are made on the way to the destination: `--chmod` counts for them too, as in BuildKit. */
export function madeDirectory({ parentOwner, chmod }: CopyRequest): MadeDirectory {
  const mode = chmod === undefined ? defaultMode : changeMode(defaultMode, chmod, true);
  return { mode, ...(parentOwner !== undefined && { owner: parentOwner }) };
}

const defaultMode = 0o755;

/** The path a name inside the root really has, when it is there; else the name as it is. */
function followLinks(root: number, rootPath: string, path: string): string {
  let fd: number;
  try {
    fd = openConfined(root, path.replace(/^\/+/, ""), O_PATH, RESOLVE_IN_ROOT);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return path;
    throw error;
  }
  try {
    const real = readlinkSync(`/proc/self/fd/${fd}`);
    return real.startsWith(`${rootPath}/`) ? real.slice(rootPath.length) : path;
  } finally {
    closeFd(fd);
  }
}
