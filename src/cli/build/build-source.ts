import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import type { BuildContext, BuildRequest } from "../../build/builder.ts";
import { missingDockerfileHint } from "../../build/missing-dockerfile.ts";
import { parseGitContextRef } from "../../dockerfile/git-context-ref.ts";
import { readStart } from "../../internal/read-start.ts";
import { ExitError, type CliContext } from "../command.ts";
import type { DockerfileText } from "./failure-report.ts";
import { headLength, looksLikeArchive } from "./stdin-context.ts";

/** Where a build's files come from, and its Dockerfile as far as this program can read it. */
export interface BuildSource {
  readonly context: BuildContext;
  readonly dockerfile: NonNullable<BuildRequest["dockerfile"]>;
  /** For the lines around an error. */
  readonly shown: DockerfileText | undefined;
}

/** A git repository or an address. What could be a directory as well is one when it is there. */
export function isRemoteContext(where: string): boolean {
  const ref = parseGitContextRef(where);
  if (ref?.mayBeLocal === true) return statSync(where, { throwIfNoEntry: false }) === undefined;
  return ref !== undefined || /^https?:\/\//i.test(where);
}

function fromRemote(url: string, file: string): BuildSource {
  if (file === "-") throw failed("a Dockerfile on stdin cannot be used with a remote context");
  const context = { kind: "remote", url } as const;
  return { context, dockerfile: { path: file === "" ? "Dockerfile" : file }, shown: undefined };
}

/**
 * Opens `PATH | URL | -` and `--file`. The text of a Dockerfile outside of the context travels; a directory stays
 * where it is, or goes as a tar to an engine elsewhere. Throws {@link ExitError} in Docker's words.
 */
export async function openBuildSource(
  where: string,
  file: string,
  context: Pick<CliContext, "stdin" | "global">,
): Promise<BuildSource> {
  if (where === "-" && file === "-")
    throw failed("invalid argument: can't use stdin for both build context and dockerfile");
  if (where === "-") return await fromStdin(file, context.stdin);
  if (isRemoteContext(where)) return fromRemote(where, file);
  const source = await fromDirectory(where, file, context.stdin);
  return isOnThisMachine(context.global.host) ? source : await packed(source);
}

/** Whether an engine there reads the same files as this program. */
export function isOnThisMachine(host: string): boolean {
  return host.startsWith("unix://") || host.startsWith("/");
}

/** A directory of this machine for an engine on another one. */
async function packed(source: BuildSource & { context: { path: string } }): Promise<BuildSource> {
  const { dockerfile, shown, context } = source;
  const { packContext } = await import("./pack-context.ts");
  const stream = packContext(context.path, "path" in dockerfile ? dockerfile.path : undefined);
  return { context: { kind: "tar", stream }, dockerfile, shown };
}

async function fromDirectory(
  where: string,
  file: string,
  stdin: NodeJS.ReadStream,
): Promise<BuildSource & { context: { path: string } }> {
  const directory = resolve(where);
  const stat = statSync(directory, { throwIfNoEntry: false });
  if (stat === undefined) throw failed(`unable to prepare context: path "${where}" not found`);
  if (!stat.isDirectory()) throw failed(`unable to prepare context: context must be a directory: ${where}`);
  const context = { kind: "directory", path: directory } as const;
  if (file === "-") {
    const text = (await readAll(stdin)).toString("utf8");
    return { context, dockerfile: { text }, shown: { name: "Dockerfile", text } };
  }
  const path = file === "" ? defaultDockerfile(directory) : resolve(file);
  const text = readDockerfile(path, file === "" ? "Dockerfile" : file);
  const inside = relative(realpathSync(directory), realpathSync(path));
  const isInside = !inside.startsWith("../") && inside !== "..";
  const name = basename(path);
  return { context, dockerfile: isInside ? { path: inside } : { text }, shown: { name, text } };
}

/** As Docker: a `dockerfile` serves where there is no `Dockerfile`. */
function defaultDockerfile(directory: string): string {
  const [usual, lower] = [join(directory, "Dockerfile"), join(directory, "dockerfile")];
  return !existsSync(usual) && existsSync(lower) ? lower : usual;
}

/** A Dockerfile, or a whole context as a tar, told by how it begins. */
async function fromStdin(file: string, stdin: NodeJS.ReadStream): Promise<BuildSource> {
  const { head, all } = await readStart(stdin, headLength);
  if (looksLikeArchive(head)) {
    const path = file === "" ? "Dockerfile" : file;
    return { context: { kind: "tar", stream: all }, dockerfile: { path }, shown: undefined };
  }
  if (file !== "") throw failed("invalid argument: a Dockerfile on stdin leaves no room for --file");
  const parts: Uint8Array[] = [];
  for await (const part of all) parts.push(part);
  const text = Buffer.concat(parts).toString("utf8");
  return { context: { kind: "empty" }, dockerfile: { text }, shown: { name: "Dockerfile", text } };
}

function readDockerfile(path: string, shown: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const missing = `no such file or directory${missingDockerfileHint(path)}`;
    const why = code === "ENOENT" ? missing : code === "EISDIR" ? "is a directory" : message;
    throw failed(`failed to solve: failed to read dockerfile: open ${shown}: ${why}`, { cause });
  }
}

async function readAll(stdin: NodeJS.ReadStream): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stdin) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

function failed(message: string, options?: ErrorOptions): ExitError {
  return new ExitError(1, `ERROR: failed to build: ${message}`, options);
}
