import { archivePath } from "../../layer/archive-task.ts";
import { gathered } from "../../layer/pack-task.ts";
import { TarParser } from "../../layer/tar/tar-parser.ts";
import { Unpacker } from "../../layer/unpacker.ts";
import type { ByteStream } from "../../oci/call-options.ts";

/** The tar of `path` on this machine (absolute), its entries called `name`. */
export async function* packLocal(path: string, name: string | undefined): AsyncGenerator<Uint8Array> {
  for (const chunk of gathered(archivePath("/", path, name))) yield await Promise.resolve(chunk);
}

export interface UnpackLocalOptions {
  readonly rename?: { readonly from: string; readonly to: string } | undefined;
  /** Everything belongs to this user; undefined: as the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Unpacks a tar into the existing `directory` of this machine and never out of it, whatever links the archive brings or
 * the directory has. A directory never takes the place of something else, nor the other way round.
 */
export async function unpackLocal(
  archive: ByteStream,
  directory: string,
  options: UnpackLocalOptions,
): Promise<void> {
  const parser = new TarParser();
  const target = { path: "", keepsKinds: true, ...options };
  using unpacker = new Unpacker(directory, { xattrs: "user", isPlain: true, target });
  for await (const chunk of archive) {
    for (const event of parser.push(chunk)) unpacker.handle(event);
  }
  for (const event of parser.end()) unpacker.handle(event);
  unpacker.finish();
}
