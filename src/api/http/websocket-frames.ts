import { SlipwayError } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { ByteDuplex } from "./message.ts";

const maxControl = 125;

/** A piece of a data frame as it came, or a whole control frame; unmasked. */
export interface FramePart {
  readonly opcode: number;
  readonly data: Uint8Array;
}

interface FrameHead {
  readonly opcode: number;
  readonly length: number;
  readonly mask: Uint8Array;
}

/**
 * The frames a client sends (RFC 6455 section 5.2), the data of long ones piece by piece, so that no frame is held
 * whole. Throws `invalid_argument` for frames that are not masked, too long control frames and unknown operations.
 */
export async function* readFrames(source: ByteStream): AsyncGenerator<FramePart> {
  const bytes = new PullBuffer(source);
  for (let head = await readHead(bytes); head !== undefined; head = await readHead(bytes)) {
    if (head.opcode >= 8) {
      yield { opcode: head.opcode, data: unmask(await bytes.exactly(head.length), head.mask, 0) };
      continue;
    }
    for (let at = 0; at < head.length;) {
      const piece = await bytes.some(head.length - at);
      yield { opcode: head.opcode, data: unmask(piece, head.mask, at) };
      at += piece.length;
    }
  }
}

/** One unfragmented frame, as servers send them: not masked. */
export async function writeFrame(to: ByteDuplex, opcode: number, data: Uint8Array): Promise<void> {
  const extra = data.length < 126 ? 0 : data.length < 0x10000 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + extra + data.length);
  frame[0] = 0x80 | opcode;
  frame[1] = extra === 0 ? data.length : extra === 2 ? 126 : 127;
  if (extra === 2) frame.writeUInt16BE(data.length, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(data.length), 2);
  frame.set(data, 2 + extra);
  await to.write(frame);
}

async function readHead(bytes: PullBuffer): Promise<FrameHead | undefined> {
  if (await bytes.atEnd()) return undefined;
  const [first = 0, second = 0] = await bytes.exactly(2);
  const opcode = first & 0x0f;
  const short = second & 0x7f;
  if ((first & 0x70) !== 0 || (opcode > 2 && opcode < 8) || opcode > 10) throw malformed("unknown operation");
  if ((second & 0x80) === 0) throw malformed("a client's frame is not masked");
  if (opcode >= 8 && (short > maxControl || (first & 0x80) === 0)) throw malformed("long control frame");
  const length = short < 126 ? short : await longLength(bytes, short);
  return { opcode, length, mask: await bytes.exactly(4) };
}

async function longLength(bytes: PullBuffer, short: number): Promise<number> {
  const field = Buffer.from(await bytes.exactly(short === 126 ? 2 : 8));
  const length = short === 126 ? field.readUInt16BE(0) : Number(field.readBigUInt64BE(0));
  if (!Number.isSafeInteger(length)) throw malformed("frame too long");
  return length;
}

function unmask(data: Uint8Array, mask: Uint8Array, at: number): Uint8Array {
  const plain = Buffer.allocUnsafe(data.length);
  for (let i = 0; i < data.length; i++) plain[i] = (data[i] ?? 0) ^ (mask[(at + i) & 3] ?? 0);
  return plain;
}

function malformed(why: string): SlipwayError {
  return new SlipwayError("invalid_argument", `Bad websocket frame: ${why}`);
}

/** Bytes of a stream in the portions that a reader wants. */
class PullBuffer {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();

  constructor(source: ByteStream) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async atEnd(): Promise<boolean> {
    while (this.#held.length === 0) {
      const step = await this.#chunks.next();
      if (step.done === true) return true;
      this.#held = step.value;
    }
    return false;
  }

  /** At least one byte, at most `most`. */
  async some(most: number): Promise<Uint8Array> {
    if (await this.atEnd()) throw malformed("it ends early");
    const part = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(part.length);
    return part;
  }

  async exactly(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let have = 0; have < count;) {
      const part = await this.some(count - have);
      parts.push(part);
      have += part.length;
    }
    return Buffer.concat(parts);
  }
}
