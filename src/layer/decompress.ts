import { Readable, type Transform } from "node:stream";
import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";
import type { Compression } from "../oci/media-types.ts";
import { ZstdFrames } from "./zstd-frames.ts";

const CHUNK = 1 << 20;
/** zstd's own limit for what a decoder has to take without being asked (RFC 8878, section 3.1.1.1.2) is 8 MiB; its
 * tool takes 128 MiB, and so do others who read layers. */
const ZSTD_WINDOW_LOG = 27;

/** What the first bytes of a blob say about it: at least four are needed for zstd. */
export function detectCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  const magic = Buffer.from(head.subarray(0, 4)).toString("hex");
  const isSkippable = /^5[0-9a-f]2a4d18$/.test(magic);
  return magic === "28b52ffd" || isSkippable ? "zstd" : "none";
}

/**
 * `input` decompressed: gzip with any number of members, zstd with any number of frames, or as it is. Told by its
 * first bytes, whatever a media type says. Throws `invalid_argument` when it breaks the format or ends early.
 */
export async function* decompress(input: ByteStream): AsyncGenerator<Uint8Array, void, void> {
  yield* (await openCompressed(input)).content;
}

/** As {@link decompress}, and says what was found. `content` of what is not compressed is the input's own chunks. */
export async function openCompressed(input: ByteStream): Promise<{
  readonly compression: Compression;
  readonly content: AsyncGenerator<Uint8Array, void, void>;
}> {
  const chunks = input[Symbol.asyncIterator]();
  const { head, first } = await readHead(chunks);
  const rest = prepended(first, chunks);
  const compression = detectCompression(head);
  if (compression === "none") return { compression, content: rest };
  const content = compression === "gzip" ? through(rest, gunzip()) : through(wholeFrames(rest), unzstd());
  return { compression, content };
}

async function* wholeFrames(input: ByteStream): AsyncGenerator<Uint8Array, void, void> {
  const frames = new ZstdFrames();
  for await (const chunk of input) {
    frames.push(chunk);
    yield chunk;
  }
  frames.end();
}

function gunzip(): Transform {
  return createGunzip({ chunkSize: CHUNK });
}

function unzstd(): Transform {
  return createZstdDecompress({
    chunkSize: CHUNK,
    params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
  });
}

async function readHead(
  chunks: AsyncIterator<Uint8Array>,
): Promise<{ head: Uint8Array; first: Uint8Array[] }> {
  const first: Uint8Array[] = [];
  let size = 0;
  while (size < 4) {
    const next = await chunks.next();
    if (next.done === true) break;
    first.push(next.value);
    size += next.value.length;
  }
  return { head: Buffer.concat(first).subarray(0, 4), first };
}

async function* prepended(
  first: Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  yield* first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** The stream's own failure is told apart from the input's, which passes unchanged. */
async function* through(input: ByteStream, transform: Transform): AsyncGenerator<Uint8Array, void, void> {
  const source = Readable.from(input, { objectMode: true, highWaterMark: 2 });
  let inputError: Error | undefined;
  source.on("error", (error) => {
    inputError = error;
    transform.destroy(error);
  });
  source.pipe(transform);
  try {
    for await (const chunk of transform) yield chunk as Uint8Array;
  } catch (error) {
    if (error === inputError || error instanceof SlipwayError) throw error;
    throw new SlipwayError("invalid_argument", `Cannot decompress: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    source.destroy();
    transform.destroy();
  }
}
