import { closeSync, createWriteStream, openSync, readSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { SlipwayError } from "../errors.ts";
import { decompressWith } from "./decompress-with.ts";
import type { Differ } from "../layer/differ.ts";
import { readStart } from "../internal/read-start.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";

/** What a file is packed with, by its first bytes; undefined: it is no archive. */
export type ArchiveKind = "tar" | "gzip" | "zstd" | "bzip2" | "xz";

/** A tar's magic ends here. */
const headLength = 262;

/** Looks at the beginning of the file. A compressed file counts as an archive: what is in it shows when it is read. */
export function archiveKind(path: string): ArchiveKind | undefined {
  const head = Buffer.alloc(headLength);
  const fd = openSync(path, "r");
  try {
    const count = readSync(fd, head, 0, head.length, 0);
    return kindOf(head.subarray(0, count));
  } finally {
    closeSync(fd);
  }
}

function kindOf(head: Buffer): ArchiveKind | undefined {
  if (head.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return "gzip";
  if (head.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) return "zstd";
  if (head.subarray(0, 3).toString("latin1") === "BZh") return "bzip2";
  if (head.subarray(0, 6).equals(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]))) return "xz";
  return head.subarray(257, 262).toString("latin1") === "ustar" ? "tar" : undefined;
}

/**
 * Unpacks the archive at `path` into the empty directory `into`, confined to it. Throws `invalid_argument` for a
 * hostile or broken archive, `unavailable` where bzip2 or xz is needed and not installed. It is no layer: `.wh.` names
 * are names like any other.
 */
export async function unpackTar(
  differ: Pick<Differ, "unpackArchive">,
  path: string,
  into: string,
  options: CallOptions,
): Promise<void> {
  const kind = archiveKind(path);
  if (isForeign(kind)) return await unpackThrough(kind, differ, path, into, options);
  const fd = openSync(path, "r");
  try {
    await differ.unpackArchive({ fd }, into, options);
  } finally {
    closeSync(fd);
  }
}

/** As {@link unpackTar}, while the archive arrives. What bzip2 and xz pack is kept beside `into` meanwhile. */
export async function unpackTarStream(
  differ: Pick<Differ, "unpackArchive">,
  stream: ByteStream,
  into: string,
  options: CallOptions,
): Promise<void> {
  const { head, all } = await readStart(stream, headLength);
  if (!isForeign(kindOf(head))) return await differ.unpackArchive(all, into, options);
  const spool = `${into}.tar`;
  try {
    await pipeline(all, createWriteStream(spool, { mode: 0o600 }), { signal: options.signal });
    await unpackTar(differ, spool, into, options);
  } finally {
    rmSync(spool, { force: true });
  }
}

/** Packed by what only the system's own program unpacks. */
function isForeign(kind: ArchiveKind | undefined): kind is "bzip2" | "xz" {
  return kind === "bzip2" || kind === "xz";
}

/** By the system's own program, into a file beside `into`. */
async function unpackThrough(
  program: "bzip2" | "xz",
  differ: Pick<Differ, "unpackArchive">,
  path: string,
  into: string,
  options: CallOptions,
): Promise<void> {
  const plain = `${into}.${program}.tar`;
  try {
    await decompressWith(program, path, plain, options);
    const kind = archiveKind(plain);
    if (kind !== "tar")
      throw new SlipwayError("invalid_argument", `Cannot unpack "${path}": it holds no tar`);
    await unpackTar(differ, plain, into, options);
  } finally {
    rmSync(plain, { force: true });
  }
}
