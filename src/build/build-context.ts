import { existsSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BuildRequest, NamedContext } from "./builder.ts";
import { openDirectory, type ContextParts } from "./context-directory.ts";
import { openIgnore } from "./files/open-ignore.ts";
import { pathInContext } from "./files/path-in-context.ts";
import type { SourceTree } from "./files/source-tree.ts";
import { missingDockerfileHint } from "./missing-dockerfile.ts";
import { redactUrl } from "./plan/redact-url.ts";

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
  parts: ContextParts,
  options: CallOptions,
): Promise<OpenContext> {
  const opened = await openDirectory(request.context, parts, options);
  const directory = opened.path;
  const dispose = async (): Promise<void> => await opened[Symbol.asyncDispose]();
  try {
    const dockerfile = readDockerfile(directory, { dockerfile: opened.dockerfile ?? request.dockerfile });
    const ignore = openIgnore(directory, dockerfile.path);
    const tree = { root: directory, ignore, isLasting: request.context.kind === "directory" };
    const project = `${sourceName(request, directory)}\n${dockerfile.path ?? "-"}`;
    const { text, name } = dockerfile;
    return { tree, dockerfile: { text, name }, project, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The files of a named context: its own .dockerignore applies. */
export async function openNamedContext(
  context: Extract<NamedContext, { kind: "directory" | "remote" }>,
  parts: ContextParts,
  options: CallOptions,
): Promise<AsyncDisposable & { readonly tree: SourceTree }> {
  const opened = await openDirectory(context, parts, options);
  const ignore = openIgnore(opened.path, undefined);
  return {
    tree: { root: opened.path, ignore, isLasting: context.kind === "directory" },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

function sourceName({ context, tags }: Pick<BuildRequest, "context" | "tags">, directory: string): string {
  if (context.kind === "directory") return directory;
  return context.kind === "remote" ? redactUrl(context.url) : (tags?.[0] ?? context.kind);
}

function readDockerfile(
  directory: string,
  { dockerfile }: Pick<BuildRequest, "dockerfile">,
): { text: string; name: string; path: string | undefined } {
  if (dockerfile !== undefined && "text" in dockerfile)
    return { text: dockerfile.text, name: "Dockerfile", path: undefined };
  const path = dockerfileIn(directory, dockerfile?.path ?? "Dockerfile");
  const file = pathInContext(directory, path);
  const size = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })?.size;
  if (file === undefined || size === undefined) {
    const hint = file === undefined ? "" : missingDockerfileHint(file);
    const what = `failed to read dockerfile: open ${path}: no such file or directory${hint}`;
    throw new SlipwayError("not_found", what);
  }
  if (size > maxDockerfile) throw new SlipwayError("invalid_argument", `Dockerfile "${path}" is too large`);
  const text = readFileSync(file, "utf8");
  if (text === "") throw new SlipwayError("invalid_argument", `the Dockerfile (${path}) cannot be empty`);
  return { text, name: posix.basename(path), path };
}

/** As Docker: a `dockerfile` serves where there is no `Dockerfile`. */
function dockerfileIn(directory: string, path: string): string {
  const lower = posix.join(posix.dirname(path), "dockerfile");
  const isThere = (name: string): boolean => {
    const file = pathInContext(directory, name);
    return file !== undefined && existsSync(file);
  };
  return posix.basename(path) === "Dockerfile" && !isThere(path) && isThere(lower) ? lower : path;
}
