import { createHash } from "node:crypto";
import { closeSync, createReadStream, openSync, readSync, rmSync, statSync } from "node:fs";
import { SlipwayError } from "../errors.ts";
import { decompressWith } from "./decompress-with.ts";
import type { Differ } from "../layer/differ.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Fetcher } from "../oci/content.ts";
import type { Digest } from "../oci/digest.ts";
import { mediaTypes } from "../oci/media-types.ts";

/** What a file is packed with, by its first bytes; undefined: it is no archive. */
export type ArchiveKind = "tar" | "gzip" | "zstd" | "bzip2" | "xz";

/** Looks at the beginning of the file. A compressed file counts as an archive: what is in it shows when it is read. */
export function archiveKind(path: string): ArchiveKind | undefined {
  const head = Buffer.alloc(512);
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
  differ: Pick<Differ, "apply">,
  path: string,
  into: string,
  options: CallOptions,
): Promise<void> {
  const kind = archiveKind(path) ?? "tar";
  if (kind === "bzip2" || kind === "xz") return await unpackThrough(kind, differ, path, into, options);
  const mediaType = mediaTypeOf[kind];
  const digest = await digestOfFile(path, options);
  const { size } = statSync(path);
  const layer = { mediaType, digest, size };
  const mounts = [{ type: "bind", source: into, options: ["rbind", "rw"] }];
  await differ.apply(layer, fileFetcher(path, size), mounts, { ...options, isPlain: true });
}

const mediaTypeOf = {
  tar: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
} as const;

/** By the system's own program, into a file beside `into`. */
async function unpackThrough(
  program: "bzip2" | "xz",
  differ: Pick<Differ, "apply">,
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

async function digestOfFile(path: string, { signal }: CallOptions): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }))
    hash.update(chunk as Buffer);
  return `sha256:${hash.digest("hex")}` as Digest;
}

function fileFetcher(path: string, size: number): Fetcher {
  return {
    fetch(_desc, options) {
      const stream = createReadStream(path, { highWaterMark: 1 << 18, start: options?.offset ?? 0 });
      return Promise.resolve({
        size,
        async *[Symbol.asyncIterator]() {
          for await (const chunk of stream) yield chunk as Buffer;
        },
        [Symbol.asyncDispose]() {
          stream.destroy();
          return Promise.resolve();
        },
      });
    },
  };
}
