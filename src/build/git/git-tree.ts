import { lutimesSync, mkdirSync, rmSync } from "node:fs";
import type { GitContextRef } from "../../dockerfile/git-context-ref.ts";
import { SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { resolvePath } from "../files/resolve-path.ts";
import { lstat, walkTree } from "../files/source-tree.ts";
import { checkOut } from "./fetch-git.ts";
import type { GitRemote } from "./git-remote.ts";
import { isDirectory } from "../../platform/stat.ts";

/** The files of a commit on this machine. Dispose removes them. */
export interface GitTree extends AsyncDisposable {
  /** Absolute path of the part that was asked for. */
  readonly path: string;
}

/** Checks a commit out below `scratchDir`. Throws `not_found` for a subdirectory that is not there. */
export async function openGitTree(
  remote: GitRemote,
  ref: Pick<GitContextRef, "ref" | "subdir" | "mtime" | "submodules">,
  commit: string,
  {
    scratchDir,
    keepGitDir,
    ...options
  }: CallOptions & { readonly scratchDir: string; readonly keepGitDir?: boolean },
): Promise<GitTree> {
  const directory = `${scratchDir}/git-${crypto.randomUUID()}`;
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const dispose = (): Promise<void> => {
    rmSync(directory, { recursive: true, force: true });
    return Promise.resolve();
  };
  try {
    const { submodules } = ref;
    await checkOut(remote, commit, directory, { ...options, ref: ref.ref, submodules });
    const made = ref.mtime === "commit" ? await commitTime(remote, commit, directory, options) : undefined;
    if (keepGitDir !== true) rmSync(`${directory}/.git`, { recursive: true, force: true });
    if (made !== undefined) setTimes(directory, made);
    return { path: subdirectory(directory, ref.subdir), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function subdirectory(root: string, subdir = "/"): string {
  const path = resolvePath({ root }, `/${subdir}`);
  if (!isDirectory(lstat({ root }, path)))
    throw new SlipwayError("not_found", `failed to find subdir ${subdir}: not a directory`);
  return path === "" ? root : `${root}/${path}`;
}

/** Seconds since the epoch. */
async function commitTime(
  remote: GitRemote,
  commit: string,
  cwd: string,
  { signal }: CallOptions,
): Promise<number> {
  return Number(await remote.git(["show", "-s", "--format=%ct", commit], { cwd, ...(signal && { signal }) }));
}

/** All files are of the moment when the commit was made: the same tomorrow. */
function setTimes(directory: string, seconds: number): void {
  for (const { path } of walkTree({ root: directory }, ""))
    lutimesSync(`${directory}/${path}`, seconds, seconds);
  lutimesSync(directory, seconds, seconds);
}
