import { existsSync } from "node:fs";
import type { GitContextRef } from "../../dockerfile/git-context-ref.ts";
import { isCode, SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { GitRemote } from "./git-remote.ts";

const wholeCommit = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** The commit that `ref` names on the server now. Throws `not_found`, and `invalid_argument` for another than `checksum`. */
export async function resolveCommit(
  remote: GitRemote,
  { ref = "HEAD", checksum }: Pick<GitContextRef, "ref" | "checksum">,
  options: CallOptions,
): Promise<string> {
  const commit = wholeCommit.test(ref) ? ref : await askFor(remote, ref, options);
  if (checksum !== undefined && !commit.startsWith(checksum))
    throw new SlipwayError("invalid_argument", `expected checksum to match ${checksum}, got ${commit}`);
  return commit;
}

async function askFor(remote: GitRemote, ref: string, options: CallOptions): Promise<string> {
  const names = [ref, `refs/heads/${ref}`, `refs/tags/${ref}`].flatMap((name) => [`${name}^{}`, name]);
  const listed = await remote.git(["ls-remote", "--", remote.url, ref, `${ref}^{}`], options);
  const commits = new Map(
    listed.split("\n").map((line): [string, string] => {
      const [commit = "", name = ""] = line.split("\t");
      return [name, commit];
    }),
  );
  // The commit an annotated tag stands for, not the tag's own object.
  const name = names.find((each) => commits.has(each));
  const commit = name === undefined ? undefined : commits.get(name);
  if (commit === undefined)
    throw new SlipwayError("not_found", `repository does not contain ref ${ref}: ${remote.url}`);
  return commit;
}

/**
 * The files of a commit, with its submodules unless they are not wanted, in the new directory `into`. Its `.git` is there
 * as well, one commit deep. The caller removes the directory, also when this throws.
 */
export async function checkOut(
  remote: GitRemote,
  commit: string,
  into: string,
  options: CallOptions & {
    readonly ref?: string | undefined;
    readonly submodules?: boolean | undefined;
  },
): Promise<void> {
  const { signal, ref, submodules = true } = options;
  const inside = { signal, cwd: into };
  await remote.git(["init", "-q", "--", into], { signal });
  await remote.git(["remote", "add", "origin", remote.url], inside);
  await fetchCommit(remote, commit, ref, inside);
  await remote.git(["checkout", "-q", "--detach", commit], inside);
  if (submodules && existsSync(`${into}/.gitmodules`))
    await remote.git(["submodule", "update", "-q", "--init", "--recursive", "--depth=1"], inside);
}

/** Servers need not give a commit by its name: then its branch or tag is asked for, and in the end everything. */
async function fetchCommit(
  remote: GitRemote,
  commit: string,
  ref: string | undefined,
  options: CallOptions & { cwd: string },
): Promise<void> {
  const attempts = [
    ["--depth=1", "origin", commit],
    ...(ref === undefined || ref === commit ? [] : [["--depth=1", "origin", ref]]),
  ];
  for (const attempt of attempts) {
    try {
      await remote.git(["fetch", "-q", "--no-tags", ...attempt], options);
      await remote.git(["cat-file", "-e", `${commit}^{commit}`], options);
      return;
    } catch (error) {
      if (!isCode(error, "unavailable")) throw error;
    }
  }
  await remote.git(["fetch", "-q", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"], options);
}
