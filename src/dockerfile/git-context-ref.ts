import { SlipwayError } from "../errors.ts";

/** A git repository as a build context or a source of ADD (Docker documentation, "Build context", "Git repositories"). */
export interface GitContextRef {
  /** What git is given, without query and fragment. May hold a password: not for messages. */
  readonly remote: string;
  /** Last part of the path, without `.git`. */
  readonly shortName: string;
  /** Branch, tag or commit; absent: the default branch. */
  readonly ref?: string;
  /** The part of the repository that counts. */
  readonly subdir?: string;
  /** Which times files get. */
  readonly mtime?: "commit" | "checkout";
  /** The commit that `ref` must turn out to be, or a beginning of it. */
  readonly checksum?: string;
  /** Ask the server for the commit itself. */
  readonly fetchByCommit: boolean;
  /** `.git` stays; absent: as the place where it stands says otherwise. */
  readonly keepGitDir?: boolean;
  /** Submodules come along; absent: they do. */
  readonly submodules?: boolean;
  /** `github.com/user/repository` could be a directory as well: look for that first. */
  readonly mayBeLocal: boolean;
  /** `git://` or `http://`. */
  readonly isUnencrypted: boolean;
}

/** Longer is no address. */
const maxLength = 8192;
const withScheme = /^(https?|git|ssh):\/\/[^/]+\/(.+)$/i;
const scpStyle = /^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9_][\w.-]*:([^-].*)$/;
const onGithub = /^github\.com\/(.+)$/i;

/**
 * Parses `https://host/path.git#ref:subdir`, `git@host:path?branch=x`, `github.com/user/repository` and the like.
 * Undefined: the text names no git repository. Throws `invalid_argument` when it does, but asks for what cannot be.
 */
export function parseGitContextRef(text: string): GitContextRef | undefined {
  if (text.length > maxLength) return undefined;
  const [beforeFragment = "", fragment] = splitOnce(text, "#");
  const [remote = "", query] = splitOnce(beforeFragment, "?");
  const kind = remoteKind(remote);
  if (kind === undefined) return undefined;
  const [fragmentRef = "", fragmentSubdir = ""] = splitOnce(fragment ?? "", ":");
  const asked = parseQuery(query, { ref: fragmentRef, subdir: fragmentSubdir });
  return { remote, ...kind, ...asked };
}

/**
 * The old way to write it, `remote#ref:subdir`, which older programs read. Without `withSubdir` the subdirectory is
 * left out.
 */
export function formatGitContextRef(
  ref: GitContextRef,
  options: { readonly withSubdir?: boolean } = {},
): string {
  const path = options.withSubdir === true ? (ref.subdir ?? "").replace(/^\/+/, "") : "";
  const subdir = path === "" ? "" : `:${path}`;
  const fragment = `${ref.ref ?? ""}${subdir}`;
  return fragment === "" ? ref.remote : `${ref.remote}#${fragment}`;
}

type Kind = Pick<GitContextRef, "shortName" | "mayBeLocal" | "isUnencrypted">;

function remoteKind(remote: string): Kind | undefined {
  const [, scheme, urlPath] = withScheme.exec(remote) ?? [];
  if (scheme !== undefined && urlPath !== undefined) {
    const isHttp = /^http/i.test(scheme);
    // Any file can be at a web address: one of a repository says so.
    if (isHttp && !urlPath.endsWith(".git")) return undefined;
    return kindOf(urlPath, { isUnencrypted: /^(http|git)$/i.test(scheme) });
  }
  const [, scpPath] = scpStyle.exec(remote) ?? [];
  if (scpPath !== undefined) return kindOf(scpPath, {});
  const [, githubPath] = onGithub.exec(remote) ?? [];
  return githubPath === undefined ? undefined : kindOf(githubPath, { mayBeLocal: true });
}

function kindOf(path: string, { mayBeLocal = false, isUnencrypted = false }: Partial<Kind>): Kind {
  const shortName = (path.split("/").at(-1) ?? "").replace(/\.git$/, "");
  return { shortName, mayBeLocal, isUnencrypted };
}

type Asked = Omit<GitContextRef, "remote" | keyof Kind>;

const queryNames = new Set([
  "ref",
  "tag",
  "branch",
  "subdir",
  "mtime",
  "checksum",
  "commit",
  "fetch-by-commit",
  "keep-git-dir",
  "submodules",
]);

function parseQuery(query: string | undefined, fragment: { ref: string; subdir: string }): Asked {
  const values = new URLSearchParams(query ?? "");
  for (const name of values.keys())
    if (!queryNames.has(name)) throw invalid(`unexpected query ${JSON.stringify(name)}`);
  const ref = chooseRef(values, fragment.ref);
  const subdir = one("subdir", [values.get("subdir"), fragment.subdir]);
  const checksum = one("checksum", [values.get("checksum"), values.get("commit")]);
  const mtime = values.get("mtime");
  if (mtime !== null && mtime !== "commit" && mtime !== "checkout")
    throw invalid(`invalid mtime value: ${JSON.stringify(mtime)}`);
  return {
    ...(ref !== undefined && { ref }),
    ...(subdir !== undefined && { subdir }),
    ...(mtime !== null && { mtime }),
    ...(checksum !== undefined && { checksum }),
    fetchByCommit: readSwitch("fetch-by-commit", values),
    ...(values.has("keep-git-dir") && { keepGitDir: readSwitch("keep-git-dir", values) }),
    ...(values.has("submodules") && { submodules: readSwitch("submodules", values) }),
  };
}

function chooseRef(values: URLSearchParams, fragmentRef: string): string | undefined {
  const [tag, branch] = [values.get("tag"), values.get("branch")];
  const ref = one("ref", [values.get("ref"), fragmentRef]);
  if (tag !== null && branch !== null) throw invalid("branch conflicts with tag");
  const named = tag === null ? branch && `refs/heads/${branch}` : `refs/tags/${tag}`;
  const chosen = one("ref", [ref ?? null, named]);
  // Git would read it as an option.
  if (chosen?.startsWith("-") === true) throw invalid(`invalid ref: ${JSON.stringify(chosen)}`);
  return chosen;
}

/** The value that is there; two that differ are an error. */
function one(name: string, values: readonly (string | null)[]): string | undefined {
  const [first, ...more] = values.filter((value) => value !== null && value !== "");
  const other = more.find((value) => value !== first);
  if (other !== undefined)
    throw invalid(`${name} conflicts: ${JSON.stringify(first)} and ${JSON.stringify(other)}`);
  return first ?? undefined;
}

function readSwitch(name: string, values: URLSearchParams): boolean {
  const value = values.get(name);
  if (value === null) return false;
  if (/^(|1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw invalid(`invalid ${name} value: ${JSON.stringify(value)}`);
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function invalid(reason: string): SlipwayError {
  return new SlipwayError("invalid_argument", `Cannot use the git reference: ${reason}`);
}
