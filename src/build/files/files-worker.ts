/** The thread that copies and hashes files for builds: thousands of synchronous calls that must not stop the engine. */
import { rmdirSync } from "node:fs";
import { serveTasks } from "../../platform/worker-serve.ts";
import { AT_FDCWD, closeFd, O_DIRECTORY, O_PATH, openAt } from "../../platform/fd.ts";
import { detachMount } from "../../platform/mount.ts";
import { makeDirectory } from "./confined-directory.ts";
import { clampTimes } from "./clamp-times.ts";
import { copyFiles } from "./copy-files.ts";
import type { FilesRequest, Owner } from "./copy-request.ts";
import { hashFiles } from "./hash-files.ts";

serveTasks<FilesRequest>(async (request, io) => {
  switch (request.kind) {
    case "copy":
      return await copyFiles(request, () => io.breathe());
    case "hash":
      return await hashInTurns(request.root, request.paths, () => io.breathe());
    case "mkdir":
      return makeOne(request.root, request.path, request.owner);
    case "clamp":
      return clampTimes(request.path, request.epoch);
    case "unmount":
      return unmount(request.path);
  }
});

async function hashInTurns(
  root: string,
  paths: readonly string[],
  breathe: () => Promise<void>,
): Promise<string[]> {
  const hashes: string[] = [];
  for (let at = 0; at < paths.length; at += 256) {
    await breathe();
    hashes.push(...hashFiles(root, paths.slice(at, at + 256)));
  }
  return hashes;
}

function makeOne(rootPath: string, path: string, owner: Owner | undefined): void {
  const root = openAt(AT_FDCWD, rootPath, O_PATH | O_DIRECTORY);
  try {
    closeFd(makeDirectory(root, path, { owner }));
  } finally {
    closeFd(root);
  }
}

function unmount(path: string): void {
  while (detachMount(path));
  try {
    rmdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
