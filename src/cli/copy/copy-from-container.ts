import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ContainerFileService } from "../../engine/container-files.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { CliContext } from "../command.ts";
import { ExitError } from "../command.ts";
import { planCopy, splitPath, type CopyPlace } from "./copy-place.ts";
import { localDestination } from "./local-place.ts";
import { unpackLocal } from "./local-tree.ts";
import { counted, isSymlink, isDirectory, type CopyOptions } from "./copy-stream.ts";

/** Copies a path of a container to `destination` of this machine (absolute), or as a tar to stdout for `-`. */
export async function copyFromContainer(
  context: CliContext,
  source: { readonly container: string; readonly path: string },
  destination: string,
  options: CopyOptions,
): Promise<number> {
  if (destination === "-" && context.stdout.isTTY)
    throw new ExitError(1, "cowardly refusing to copy to a terminal: redirect the output");
  const { files } = await context.engine();
  const where = destination === "-" ? undefined : await localDestination(destination);
  const { path, rebase } = options.followLink ? await followed(files, source) : { path: source.path };
  const { signal } = context;
  const { stat, content } = await files.archive(source.container, path, { signal });
  const sizes = { bytes: 0 };
  const archive = counted(content, sizes);
  if (where === undefined) await pipeline(archive, context.stdout, { end: false });
  else await unpack(archive, { path, exists: true, isDirectory: isDirectory(stat), rebase }, where, options);
  return sizes.bytes;
}

async function unpack(
  archive: ByteStream,
  source: CopyPlace,
  where: CopyPlace,
  options: CopyOptions,
): Promise<void> {
  const { base } = splitPath(source.path.startsWith("/") ? source.path : `/${source.path}`);
  const plan = planCopy(source, where);
  const to = plan.name ?? source.rebase;
  const rename = to === undefined ? undefined : { from: base === "/" ? "" : base, to };
  await unpackLocal(archive, plan.directory, { rename, owner: options.archive ? undefined : ownUser() });
}

/** With `-L`: where a link leads, and the name it was asked for by. */
async function followed(
  files: ContainerFileService,
  { container, path }: { container: string; path: string },
): Promise<{ path: string; rebase?: string }> {
  const stat = await files.stat(container, path).catch(() => undefined);
  if (stat === undefined || !isSymlink(stat)) return { path };
  const name = posix.basename(path);
  const isRenamed = posix.basename(stat.linkTarget) !== name;
  return { path: stat.linkTarget, ...(isRenamed && { rebase: name }) };
}

/** As in Docker, what comes out of a container belongs to who took it out. */
function ownUser(): { uid: number; gid: number } | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}
