import { posix } from "node:path";
import type { AddInstruction, CopyInstruction } from "../../dockerfile/instruction.ts";
import type { CopyOp, InlineFile, Vertex } from "../vertex.ts";
import { stepOf } from "./dispatch.ts";
import { addHistory, copyHistory } from "./history.ts";
import { redactUrl } from "./redact-url.ts";
import { isGit, isRemote } from "./unsupported.ts";
import { reject, type PlanScope } from "./scope.ts";
import { makeVertex } from "./stage-state.ts";

/** COPY and ADD: files on top of the stage. */
export function planCopy(copy: CopyInstruction | AddInstruction, scope: PlanScope): void {
  check(copy);
  const { state } = scope;
  const inputs: Vertex[] = state.vertex === undefined ? [] : [state.vertex];
  const from = copy.kind === "copy" ? copy.from : undefined;
  const keepsParents = copy.kind === "copy" && copy.parents;
  const isContext = from === undefined || scope.isContext(from);
  const source = isContext ? undefined : scope.sourceOf(from, copy);
  if (source !== undefined) inputs.push(source);
  const isFetched = (path: string): boolean => copy.kind === "add" && isRemote(path);
  const downloads = copy.sources
    .filter(isFetched)
    .map((url) => (isGit(url) ? planGit(url, copy, scope, inputs) : planDownload(url, copy, scope, inputs)));
  const sources = copy.sources.filter((path) => !isFetched(path));
  const op: CopyOp = {
    kind: "copy",
    ...(state.vertex !== undefined && { base: 0 }),
    files: isContext ? contextFiles(from) : fileSource(source, inputs.length - 1),
    ...(keepsParents
      ? { sources, keepsParents }
      : { sources: sources.map((path) => posix.resolve("/", path)) }),
    inline: copy.heredocs.map((file): InlineFile => ({ name: file.name, content: file.content })),
    destination: destinationPath(state.cwd, copy.destination),
    ...(copy.chown !== undefined && copy.chown !== "" && { chown: copy.chown }),
    ...(copy.chmod !== undefined && copy.chmod !== "" && { chmod: copy.chmod }),
    excludes: copy.excludes,
    ...(copy.link && { link: true }),
    unpack: copy.kind === "add" && (copy.unpack ?? true),
    ...(downloads.length > 0 && { downloads }),
  };
  state.vertex = makeVertex(op, inputs, stepOf(copy, scope, scope.nextPrefix() + stepText(copy)));
  addHistory(state, copyHistory(copy), state.vertex);
}

/** A vertex of its own for the file: it is one step of the cache, whatever is done with it. */
function planDownload(
  url: string,
  add: AddInstruction | CopyInstruction,
  scope: PlanScope,
  inputs: Vertex[],
): NonNullable<CopyOp["downloads"]>[number] {
  const { checksum, unpack = false } = add.kind === "add" ? add : {};
  const name = downloadName(url) ?? reject(add, `invalid URL: ${JSON.stringify(redactUrl(url))}`);
  const op = { kind: "download", url, name, ...(checksum !== undefined && { checksum }) } as const;
  inputs.push(makeVertex(op, [], stepOf(add, scope, redactUrl(url))));
  return { input: inputs.length - 1, name, unpack };
}

function planGit(
  url: string,
  add: AddInstruction | CopyInstruction,
  scope: PlanScope,
  inputs: Vertex[],
): NonNullable<CopyOp["downloads"]>[number] {
  const { checksum, keepGitDir = false } = add.kind === "add" ? add : {};
  const op = { kind: "git", url, keepGitDir, ...(checksum !== undefined && { checksum }) } as const;
  inputs.push(makeVertex(op, [], stepOf(add, scope, redactUrl(url))));
  return { input: inputs.length - 1, name: "", unpack: false };
}

/** The last name of the address; as BuildKit, `__unnamed__` where it has none. Undefined: it is no address. */
function downloadName(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  try {
    const name = decodeURIComponent(posix.basename(new URL(url).pathname));
    return name === "" || name === "." || name === ".." || /[/\0]/.test(name) ? "__unnamed__" : name;
  } catch {
    return undefined;
  }
}

/** The build's own context, or a named one. */
export function contextFiles(name: string | undefined): CopyOp["files"] {
  return { from: "context", ...(name !== undefined && { name: name.toLowerCase() }) };
}

function fileSource(source: Vertex | undefined, last: number): CopyOp["files"] {
  return source === undefined ? { from: "nothing" } : { from: "input", input: last };
}

/** The instruction as a progress display shows it: variables expanded. */
function stepText(copy: CopyInstruction | AddInstruction): string {
  const words = [copy.kind.toUpperCase()];
  if (copy.kind === "copy" && copy.from !== undefined) words.push(`--from=${copy.from}`);
  if (copy.kind === "copy" && copy.parents) words.push("--parents");
  if (copy.chown !== undefined) words.push(`--chown=${copy.chown}`);
  if (copy.chmod !== undefined) words.push(`--chmod=${copy.chmod}`);
  if (copy.link) words.push("--link");
  return [...words, ...copy.sources, ...copy.heredocs.map((file) => `<<${file.name}`), copy.destination].join(
    " ",
  );
}

/** Absolute; a trailing slash stays, for it says that the destination is a directory. */
export function destinationPath(cwd: string, path: string): string {
  const clean = posix.resolve(cwd, path);
  const isDirectory = path === "" || path === "." || path.endsWith("/") || path.endsWith("/.");
  return isDirectory && clean !== "/" ? `${clean}/` : clean;
}

function check(copy: CopyInstruction | AddInstruction): void {
  if (copy.kind === "copy" && copy.sources.some(isGit)) reject(copy, "source can't be a git ref for COPY");
  if (copy.kind === "copy" && copy.sources.some(isRemote)) reject(copy, "source can't be a URL for COPY");
  if (copy.kind === "add" && copy.checksum !== undefined && !copy.sources.every(isRemote))
    reject(copy, "checksum requires HTTP(S) or Git sources");
  const checksum = copy.kind === "add" ? copy.checksum : undefined;
  if (checksum !== undefined && copy.sources.length > 1)
    reject(copy, "checksum can't be specified for multiple sources");
  if (checksum !== undefined && !copy.sources.some(isGit) && !isChecksum(checksum))
    reject(copy, `invalid checksum digest format: ${JSON.stringify(checksum)}`);
  const { chmod } = copy;
  if (chmod === undefined || chmod === "" || isSymbolicMode(chmod)) return;
  if (!/^[0-7]+$/.test(chmod) || Number.parseInt(chmod, 8) > 0o7777)
    reject(copy, `invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`);
}

function isChecksum(text: string): boolean {
  return /^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/.test(text);
}

/** `u=rwX,go=rX` (Dockerfile reference, "COPY --chmod"). */
export function isSymbolicMode(text: string): boolean {
  return /^[ugoa]*([-+=]([rwxXst]*|[ugo]))+(,[ugoa]*([-+=]([rwxXst]*|[ugo]))+)*$/.test(text);
}
