import {
  createWriteStream,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { pipeline } from "node:stream/promises";
import { parseGitContextRef } from "../dockerfile/git-context-ref.ts";
import { errorMessage, SlipwayError } from "../errors.ts";
import type { Differ } from "../layer/differ.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { BuildContext } from "./builder.ts";
import { resolveCommit } from "./git/fetch-git.ts";
import { GitRemote, type GitAccess } from "./git/git-remote.ts";
import { openGitTree } from "./git/git-tree.ts";
import { openDownload } from "./ops/open-download.ts";
import type { WebAccess } from "./web-access.ts";
import { redactUrl } from "./plan/redact-url.ts";
import { archiveKind, unpackTar, unpackTarStream } from "./unpack-tar.ts";

export interface ContextParts {
  readonly differ: Pick<Differ, "unpackArchive">;
  readonly scratchDir: string;
  readonly access: GitAccess;
  readonly web: WebAccess;
  /** A git repository keeps its `.git`. */
  readonly keepsGitDir: boolean;
}

/** A context as a directory of this machine. Dispose removes it, unless it was one. */
export interface ContextDirectory extends AsyncDisposable {
  readonly path: string;
  /** The address held nothing but a Dockerfile. */
  readonly dockerfile?: { readonly text: string };
}

/**
 * A directory is read in place; a tar is unpacked, and a git repository checked out, below `scratchDir`. Throws
 * `invalid_argument` for a directory that is not there, and what fetching and unpacking throw.
 */
export async function openDirectory(
  context: BuildContext,
  parts: ContextParts,
  options: CallOptions,
): Promise<ContextDirectory> {
  if (context.kind === "directory") return ownDirectory(context.path);
  if (context.kind === "remote") return await openRemote(context.url, parts, options);
  const directory = newDirectory(parts.scratchDir);
  if (context.kind === "tar")
    await orRemove(directory, () => unpackTarStream(parts.differ, context.stream, directory.path, options));
  return directory;
}

function ownDirectory(path: string): ContextDirectory {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new SlipwayError("invalid_argument", `unable to prepare context: path "${path}" not found`);
  return { path: realpathSync(path), [Symbol.asyncDispose]: () => Promise.resolve() };
}

function newDirectory(scratchDir: string): ContextDirectory {
  const path = `${scratchDir}/context-${crypto.randomUUID()}`;
  mkdirSync(path, { recursive: true, mode: 0o755 });
  return {
    path,
    [Symbol.asyncDispose]() {
      rmSync(path, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

async function orRemove<T>(directory: ContextDirectory, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
}

async function spoolTo(path: string, stream: ByteStream, { signal }: CallOptions): Promise<void> {
  await pipeline(stream, createWriteStream(path, { mode: 0o600 }), {
    ...(signal !== undefined && { signal }),
  });
}

async function openRemote(url: string, parts: ContextParts, options: CallOptions): Promise<ContextDirectory> {
  const ref = parseGitContextRef(url);
  if (ref === undefined) return await openAddress(url, parts, options);
  const remote = new GitRemote(ref.remote, { ...parts.access, web: parts.web });
  const commit = await resolveCommit(remote, ref, options);
  const { path, ...tree } = await openGitTree(remote, ref, commit, {
    ...options,
    scratchDir: parts.scratchDir,
    keepGitDir: ref.keepGitDir ?? parts.keepsGitDir,
  });
  return { path: realpathSync(path), ...tree };
}

/** A tar, or a Dockerfile alone (Docker documentation, "Build context", "Remote tarballs"). */
async function openAddress(
  url: string,
  parts: ContextParts,
  options: CallOptions,
): Promise<ContextDirectory> {
  const directory = newDirectory(parts.scratchDir);
  return await orRemove(directory, async () => {
    const file = `${directory.path}.download`;
    try {
      await download(url, file, { ...options, web: parts.web });
      if (archiveKind(file) === undefined)
        return { ...directory, dockerfile: { text: readFileSync(file, "utf8") } };
      renameSync(file, `${directory.path}.tar`);
      await unpackTar(parts.differ, `${directory.path}.tar`, directory.path, options);
      return directory;
    } finally {
      rmSync(file, { force: true });
      rmSync(`${directory.path}.tar`, { force: true });
    }
  });
}

async function download(
  url: string,
  to: string,
  options: CallOptions & { readonly web: WebAccess },
): Promise<void> {
  const signal = options.signal ?? new AbortController().signal;
  try {
    const { body } = await openDownload(url, { signal, web: options.web });
    await spoolTo(to, body, options);
  } catch (error) {
    if (signal.aborted) throw error;
    const code = error instanceof SlipwayError ? error.code : "unavailable";
    throw new SlipwayError(code, `Cannot fetch the context "${redactUrl(url)}": ${errorMessage(error)}`, {
      cause: error,
    });
  }
}
