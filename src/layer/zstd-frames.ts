import { SlipwayError } from "../errors.ts";

type Expected = "magic" | "skippable" | "descriptor" | "frame" | "block";

/**
 * Walks the frames and blocks of a zstd stream by their headers alone (RFC 8878, section 3.1), to tell a whole stream
 * from one that was cut: the decoder in use takes the end of the input for the end of the frame, and stops at what
 * follows it.
 */
export class ZstdFrames {
  /** bytes of the header being gathered */
  readonly #header = Buffer.alloc(18);
  #have = 0;
  #need = 4;
  #skip = 0;
  #state: Expected = "magic";
  #hasChecksum = false;

  /** Throws `invalid_argument` for bytes that are no frame. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const skipped = Math.min(this.#skip, chunk.length - at);
      this.#skip -= skipped;
      at += skipped;
      const part = chunk.subarray(at, at + this.#need - this.#have);
      if (this.#skip > 0 || part.length === 0) continue;
      this.#header.set(part, this.#have);
      this.#have += part.length;
      at += part.length;
      if (this.#have === this.#need) this.#headerDone();
    }
  }

  /** Throws `invalid_argument` unless the stream ended where a frame does. */
  end(): void {
    const isWhole = this.#state === "magic" && this.#have === 0 && this.#skip === 0;
    if (!isWhole)
      throw new SlipwayError("invalid_argument", "Cannot decompress: unexpected end of zstd stream");
  }

  #headerDone(): void {
    const header = this.#header;
    switch (this.#state) {
      case "magic":
        this.#magic(header.readUInt32LE(0));
        break;
      case "skippable":
        this.#expect("magic", 4, header.readUInt32LE(0));
        break;
      case "descriptor":
        this.#hasChecksum = (header.readUInt8(0) & 4) !== 0;
        this.#expect("frame", frameHeaderRest(header.readUInt8(0)), 0);
        break;
      case "frame":
        this.#expect("block", 3, 0);
        break;
      default:
        this.#block(header.readUIntLE(0, 3));
    }
  }

  #magic(magic: number): void {
    if (magic === 0xfd2fb528) this.#expect("descriptor", 1, 0);
    else if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) this.#expect("skippable", 4, 0);
    else throw new SlipwayError("invalid_argument", "Cannot decompress: no zstd frame where one should be");
  }

  #block(header: number): void {
    const isLast = (header & 1) !== 0;
    const isRepeated = ((header >> 1) & 3) === 1;
    const size = isRepeated ? 1 : header >>> 3;
    if (isLast) this.#expect("magic", 4, size + (this.#hasChecksum ? 4 : 0));
    else this.#expect("block", 3, size);
  }

  /** Next come `skip` bytes of no interest, then `need` bytes of a header. */
  #expect(state: Expected, need: number, skip: number): void {
    this.#state = state;
    this.#need = need;
    this.#skip = skip;
    this.#have = 0;
    if (need === 0) this.#headerDone();
  }
}

/** Bytes of a frame header after its descriptor: window, dictionary ID, content size. */
function frameHeaderRest(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const size = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  return (isSingle ? 0 : 1) + dictionary + size;
}
