import type { ByteStream } from "../../oci/call-options.ts";

export interface ParallelRanges {
  /** First byte, and the byte after the last one. */
  readonly start: number;
  readonly end: number;
  readonly pieceBytes: number;
  /** How many pieces are under way at once; as many are held in memory at most. */
  readonly connections: number;
  /** The bytes from `start` to `end` (exclusive), exactly. */
  range(start: number, end: number): ByteStream;
}

/** The bytes in their order, fetched by several ranges at once. The first failure ends all of them. */
export async function* parallelRanges(options: ParallelRanges): ByteStream {
  const { end, pieceBytes, connections } = options;
  const pieces: Piece[] = [];
  let next = options.start;
  const begin = (): void => {
    while (pieces.length < connections && next < end) {
      const stop = Math.min(end, next + pieceBytes);
      pieces.push(new Piece(options.range(next, stop)));
      next = stop;
    }
  };
  try {
    for (begin(); pieces.length > 0; begin()) {
      const [first] = pieces;
      if (first !== undefined) yield* first.chunks();
      pieces.shift();
    }
  } finally {
    // Nobody waits for a connection that may be silent: the owner closes them.
    for (const piece of pieces) piece.cancel();
  }
}

/** A range that is read ahead of whoever wants it. */
class Piece {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #held: Uint8Array[] = [];
  #ended: { readonly error?: unknown } | undefined;
  #cancelled = false;
  #wake: () => void = () => {};

  constructor(source: ByteStream) {
    this.#source = source[Symbol.asyncIterator]();
    void this.#read();
  }

  async *chunks(): ByteStream {
    for (;;) {
      const chunk = this.#held.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#ended === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if ("error" in this.#ended) throw this.#ended.error;
      else return;
    }
  }

  cancel(): void {
    this.#cancelled = true;
  }

  async #read(): Promise<void> {
    try {
      for (let next = await this.#source.next(); next.done !== true; next = await this.#source.next()) {
        if (this.#cancelled) break;
        this.#held.push(next.value);
        this.#wake();
      }
      if (this.#cancelled) await this.#source.return?.();
      this.#ended = {};
    } catch (error) {
      this.#ended = { error };
    }
    this.#wake();
  }
}
