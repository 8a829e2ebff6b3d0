import { posix } from "node:path";
import type { ContainerFileService } from "../../engine/container-files.ts";
import { isCode } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import { ExitError, type CliContext } from "../command.ts";
import { counted, isDirectory, isIrregular, isSymlink, type CopyOptions } from "./copy-stream.ts";
import { planCopy, splitPath, type CopyPlace } from "./copy-place.ts";
import { localSource } from "./local-place.ts";
import { packLocal } from "./local-tree.ts";

interface ContainerPath {
  readonly container: string;
  readonly path: string;
}

/** Copies `source` of this machine (absolute), or the tar on stdin for `-`, to a path of a container. */
export async function copyToContainer(
  context: CliContext,
  source: string,
  destination: ContainerPath,
  options: CopyOptions,
): Promise<number> {
  const { container, path } = destination;
  const from = source === "-" ? undefined : await localSource(source, options.followLink);
  const { files } = await context.engine();
  const where = await containerPlace(files, destination);
  const sizes = { bytes: 0 };
  if (from === undefined && !where.isDirectory)
    throw new ExitError(1, `destination "${container}:${path}" must be a directory`);
  const { directory, content } =
    from === undefined ? { directory: where.path, content: context.stdin } : packed(from, where);
  const extract = { noOverwriteDirNonDir: true, copyUIDGID: options.archive, signal: context.signal };
  await files.extract(container, directory, counted(content, sizes), extract);
  return sizes.bytes;
}

function packed(from: CopyPlace, where: CopyPlace): { directory: string; content: ByteStream } {
  const plan = planCopy(from, where);
  const { base } = splitPath(from.path);
  return { directory: plan.directory, content: packLocal(from.path, plan.name ?? from.rebase ?? base) };
}

/** What stands at a path of a container, links followed. What cannot be found is taken to be new. */
async function containerPlace(
  files: ContainerFileService,
  { container, path }: ContainerPath,
): Promise<CopyPlace> {
  const given = path.startsWith("/") ? path : `/${path}`;
  const first = await statOrNone(files, container, given);
  const isLink = first !== undefined && isSymlink(first);
  const at = isLink ? posix.resolve(splitPath(given).directory, first.linkTarget) : given;
  const found = isLink ? await statOrNone(files, container, at) : first;
  if (found !== undefined && isIrregular(found))
    throw new ExitError(1, `destination "${container}:${path}" must be a directory or a regular file`);
  return { path: at, exists: found !== undefined, isDirectory: found !== undefined && isDirectory(found) };
}

/** Only what is not there is no answer; a missing container is told by the copy itself. */
async function statOrNone(files: ContainerFileService, container: string, path: string) {
  try {
    return await files.stat(container, path);
  } catch (error) {
    if (isCode(error, "not_found") || isCode(error, "invalid_argument")) return undefined;
    throw error;
  }
}
