/** Archives that go in and out of containers. */
import { readTar } from "../../src/layer/tar/tar-reader.ts";
import { tarHeaderBlocks, tarPadding, tarTrailer } from "../../src/layer/tar/tar-writer.ts";
import type { ByteStream } from "../../src/oci/call-options.ts";

export interface Entry {
  readonly name: string;
  /** As in a tar header; default: a file. */
  readonly type?: string;
  readonly content?: string;
  readonly linkname?: string;
  /** User and group, default root. */
  readonly uid?: number;
  /** Default 0644. */
  readonly mode?: number;
}

export async function* tarOf(...entries: Entry[]): AsyncGenerator<Uint8Array> {
  for (const { name, type = "0", content = "", linkname = "", uid = 0, mode = 0o644 } of entries) {
    const size = Buffer.byteLength(content);
    const header = { name, type, mode, uid, gid: uid, mtime: 1_000_000_000n };
    const link = linkname === "" ? {} : { linkname };
    yield Uint8Array.from(tarHeaderBlocks({ ...header, ...link, ...(type === "0" && { size }) }));
    yield Buffer.from(content);
    yield Uint8Array.from(tarPadding(size));
  }
  yield tarTrailer();
}

/** The contents of an archive's files by name; of links, where they lead. */
export async function contents(archive: ByteStream): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { header, content } of readTar(archive)) {
    const parts: Uint8Array[] = [];
    for await (const part of content) parts.push(Uint8Array.from(part));
    found[header.name] = header.linkname === "" ? Buffer.concat(parts).toString() : `-> ${header.linkname}`;
  }
  return found;
}
