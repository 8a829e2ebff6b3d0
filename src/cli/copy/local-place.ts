import { lstat, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { ExitError } from "../command.ts";
import { splitPath, type CopyPlace } from "./copy-place.ts";

const mostLinks = 10;

/** The source of a copy on this machine. `path` is absolute. A link is copied as one, unless `follow`. */
export async function localSource(path: string, follow: boolean): Promise<CopyPlace> {
  const ending = /\/\.?$/.exec(path)?.[0] ?? "";
  const bare = path.replace(/(.)\/+\.?$/, "$1");
  const missing = (error: NodeJS.ErrnoException): never => {
    throw error.code === "ENOENT" ? new ExitError(1, `lstat ${path}: no such file or directory`) : error;
  };
  const resolved = await (follow || ending !== "" ? realpath(bare) : linkItself(bare)).catch(missing);
  const found = await lstat(resolved).catch(missing);
  if (ending !== "" && !found.isDirectory()) throw new ExitError(1, `lstat ${path}: not a directory`);
  const isRenamed = ending !== "/." && basename(resolved) !== basename(bare);
  return {
    path: resolved === "/" ? "/" : `${resolved}${ending}`,
    exists: true,
    isDirectory: found.isDirectory(),
    ...(isRenamed && { rebase: basename(bare) }),
  };
}

async function linkItself(path: string): Promise<string> {
  return resolve(await realpath(dirname(path)), basename(path));
}

/** The destination of a copy on this machine, links followed. Throws {@link ExitError} when its directory is missing. */
export async function localDestination(path: string): Promise<CopyPlace> {
  let at = path;
  for (let links = 0; links <= mostLinks; links += 1) {
    const found = await lstat(at).catch(absent);
    if (found === undefined) return await newDestination(at);
    if (!found.isSymbolicLink()) return { path: at, exists: true, isDirectory: found.isDirectory() };
    at = resolve(dirname(at.replace(/(.)\/+$/, "$1")), await readlink(at));
  }
  throw new ExitError(1, `lstat ${path}: too many levels of symbolic links`);
}

async function newDestination(path: string): Promise<CopyPlace> {
  const { directory } = splitPath(path.replace(/\/\.?$/, ""));
  const parent = await stat(directory).catch(absent);
  if (parent === undefined) throw noDirectory(directory);
  if (!parent.isDirectory()) throw new ExitError(1, "not a directory");
  return { path, exists: false, isDirectory: false };
}

function noDirectory(directory: string): ExitError {
  return new ExitError(1, `invalid output path: directory "${directory}" does not exist`);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
