import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { SlipwayError } from "../errors.ts";
import type { Differ } from "../layer/differ.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BuildContext, BuildRequest } from "./builder.ts";
import { parseIgnore } from "./files/parse-ignore.ts";
import { resolvePath } from "./files/resolve-path.ts";
import type { SourceTree } from "./files/source-tree.ts";
import { unpackTar } from "./unpack-tar.ts";

/** Larger is no Dockerfile. */
const maxDockerfile = 16 << 20;

/** The files of one build. Dispose removes what was unpacked. */
export interface OpenContext extends AsyncDisposable {
  readonly tree: SourceTree;
  readonly dockerfile: { readonly text: string; readonly name: string };
  /** Names the project: the same directory and Dockerfile tomorrow. */
  readonly project: string;
}

/**
 * Opens the context: a directory is read in place, a tar is unpacked into `scratchDir`. Reads the Dockerfile, and
 * `<Dockerfile>.dockerignore` or `.dockerignore`. Throws `not_found` when there is no Dockerfile.
 */
export async function openContext(
  request: Pick<BuildRequest, "context" | "dockerfile" | "tags">,
  parts: { readonly differ: Pick<Differ, "apply">; readonly scratchDir: string },
  options: CallOptions,
): Promise<OpenContext> {
  const directory = await contextDirectory(request.context, parts, options);
  const dispose = (): Promise<void> => {
    if (request.context.kind !== "directory") rmSync(directory, { recursive: true, force: true });
    return Promise.resolve();
  };
  try {
    const dockerfile = readDockerfile(directory, request);
    const ignore = readIgnore(directory, dockerfile.path);
    const tree = { root: directory, ignore, isLasting: request.context.kind === "directory" };
    const source =
      request.context.kind === "directory" ? directory : (request.tags?.[0] ?? request.context.kind);
    const project = `${source}\n${dockerfile.path ?? "-"}`;
    const { text, name } = dockerfile;
    return { tree, dockerfile: { text, name }, project, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function contextDirectory(
  context: BuildContext,
  parts: { readonly differ: Pick<Differ, "apply">; readonly scratchDir: string },
  options: CallOptions,
): Promise<string> {
  if (context.kind === "directory") {
    const isDirectory = statSync(context.path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isDirectory)
      throw new SlipwayError(
        "invalid_argument",
        `unable to prepare context: path "${context.path}" not found`,
      );
    return realpathSync(context.path);
  }
  const directory = `${parts.scratchDir}/context-${crypto.randomUUID()}`;
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  if (context.kind === "empty") return directory;
  const spool = `${directory}.tar`;
  try {
    await pipeline(context.stream, createWriteStream(spool, { mode: 0o600 }), {
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    await unpackTar(parts.differ, spool, directory, options);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(spool, { force: true });
  }
  return directory;
}

function readDockerfile(
  directory: string,
  { dockerfile }: Pick<BuildRequest, "dockerfile">,
): { text: string; name: string; path: string | undefined } {
  if (dockerfile !== undefined && "text" in dockerfile)
    return { text: dockerfile.text, name: "Dockerfile", path: undefined };
  const path = dockerfile?.path ?? "Dockerfile";
  const file = pathInContext(directory, path);
  const size = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })?.size;
  if (file === undefined || size === undefined)
    throw new SlipwayError("not_found", `failed to read dockerfile: open ${path}: no such file or directory`);
  if (size > maxDockerfile) throw new SlipwayError("invalid_argument", `Dockerfile "${path}" is too large`);
  return { text: readFileSync(file, "utf8"), name: posix.basename(path), path };
}

function pathInContext(directory: string, path: string): string | undefined {
  if (path.startsWith("/")) return existsSync(path) && isInside(directory, path) ? path : undefined;
  try {
    return `${directory}/${resolvePath({ root: directory }, `/${path}`)}`;
  } catch {
    return undefined;
  }
}

function isInside(directory: string, path: string): boolean {
  return realpathSync(path).startsWith(`${directory}/`);
}

function readIgnore(directory: string, dockerfile: string | undefined): SourceTree["ignore"] {
  const names = [...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]), ".dockerignore"];
  for (const name of names) {
    const file = pathInContext(directory, name);
    if (file !== undefined && existsSync(file)) return parseIgnore(readFileSync(file, "utf8"));
  }
  return undefined;
}
