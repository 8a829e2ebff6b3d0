import { createHash, type Hash } from "node:crypto";
import { errorCode, SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";
import type { TaskIo } from "../platform/worker-serve.ts";
import { decompress, openCompressed } from "./decompress.ts";
import { readOpenFile } from "./read-open-file.ts";
import type { UnpackArchiveRequest, UnpackRequest, UnpackResult } from "./layer-tasks.ts";
import { TarParser } from "./tar/tar-parser.ts";
import { Unpacker } from "./unpacker.ts";

/**
 * Runs on a worker: decompresses, hashes, parses and unpacks a layer as it arrives, synchronously but for the reads.
 * A blob that is not what its descriptor says is `data_loss`, also when that is why it could not be unpacked.
 */
export async function unpackTask(request: UnpackRequest, io: TaskIo): Promise<UnpackResult> {
  const blob = new CheckedBlob(request, request.fd === undefined ? io.input : readOpenFile(request.fd, io));
  try {
    return await unpack(request, blob);
  } catch (error) {
    if (errorCode(error) === "invalid_argument") await blob.finish();
    throw error;
  }
}

async function unpack(request: UnpackRequest, blob: CheckedBlob): Promise<UnpackResult> {
  const { compression, content } = await openCompressed(blob);
  // What is not compressed is hashed already: its digest is the diffID.
  const hash = compression === "none" && request.algorithm === "sha256" ? undefined : createHash("sha256");
  using unpacker = new Unpacker(request.directory, request);
  const size = await unpackTar(content, unpacker, request.maxSize, hash);
  await blob.finish();
  return { diffID: hash?.digest("hex") ?? request.digest, size };
}

/** Runs on a worker: as {@link unpackTask}, for what has no digest to be checked against. */
export async function unpackArchiveTask(request: UnpackArchiveRequest, io: TaskIo): Promise<void> {
  const input = request.fd === undefined ? io.input : readOpenFile(request.fd, io);
  using unpacker = new Unpacker(request.directory, { xattrs: "trusted", isPlain: true });
  await unpackTar(decompress(input), unpacker, request.maxSize);
}

/** Resolves to the size of the tar. */
async function unpackTar(
  content: ByteStream,
  unpacker: Unpacker,
  maxSize: number,
  hash?: Hash,
): Promise<number> {
  const parser = new TarParser();
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > maxSize) throw tooLarge(maxSize);
    hash?.update(chunk);
    for (const event of parser.push(chunk)) unpacker.handle(event);
  }
  for (const event of parser.end()) unpacker.handle(event);
  unpacker.finish();
  return size;
}

/** The blob as it comes in, counted and hashed against its descriptor. */
class CheckedBlob implements ByteStream {
  readonly #request: UnpackRequest;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #hash: Hash;
  #size = 0;

  constructor(request: UnpackRequest, input: ByteStream) {
    this.#request = request;
    this.#chunks = input[Symbol.asyncIterator]();
    this.#hash = createHash(request.algorithm);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) yield chunk;
  }

  /** Reads what nobody wanted and checks the whole. Throws `data_loss`. */
  async finish(): Promise<void> {
    while ((await this.#next()) !== undefined);
    const { size, digest, algorithm } = this.#request;
    if (this.#size !== size) throw damaged(`${this.#size} bytes instead of ${size}`);
    const actual = this.#hash.digest("hex");
    if (actual !== digest) throw damaged(`its content has the digest "${algorithm}:${actual}"`);
  }

  async #next(): Promise<Uint8Array | undefined> {
    const next = await this.#chunks.next();
    if (next.done === true) return undefined;
    this.#size += next.value.length;
    if (this.#size > this.#request.size) throw damaged(`more bytes than ${this.#request.size}`);
    this.#hash.update(next.value);
    return next.value;
  }
}

function damaged(what: string): SlipwayError {
  return new SlipwayError("data_loss", `Blob is damaged: ${what}`);
}

function tooLarge(limit: number): SlipwayError {
  return new SlipwayError("resource_exhausted", `Archive unpacks to more than ${limit} bytes`);
}
