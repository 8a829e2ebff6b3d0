import { mkdirSync, rmSync } from "node:fs";
import type { GitContextRef } from "../../dockerfile/git-context-ref.ts";
import { SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { resolvePath } from "../files/resolve-path.ts";
import { lstat } from "../files/source-tree.ts";
import { checkOut } from "./fetch-git.ts";
import type { GitRemote } from "./git-remote.ts";

/** The files of a commit on this machine. Dispose removes them. */
export interface GitTree extends AsyncDisposable {
  /** Absolute path of the part that was asked for. */
  readonly path: string;
}

/** Checks a commit out below `scratchDir`. Throws `not_found` for a subdirectory that is not there. */
export async function openGitTree(
  remote: GitRemote,
  ref: Pick<GitContextRef, "ref" | "subdir">,
  commit: string,
  { scratchDir, ...options }: CallOptions & { readonly scratchDir: string; readonly keepGitDir?: boolean },
): Promise<GitTree> {
  const directory = `${scratchDir}/git-${crypto.randomUUID()}`;
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const dispose = (): Promise<void> => {
    rmSync(directory, { recursive: true, force: true });
    return Promise.resolve();
  };
  try {
    await checkOut(remote, commit, directory, { ...options, ref: ref.ref });
    return { path: subdirectory(directory, ref.subdir), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function subdirectory(root: string, subdir = "/"): string {
  const path = resolvePath({ root }, `/${subdir}`);
  if (!lstat({ root }, path).isDirectory())
    throw new SlipwayError("not_found", `failed to find subdir ${subdir}: not a directory`);
  return path === "" ? root : `${root}/${path}`;
}
