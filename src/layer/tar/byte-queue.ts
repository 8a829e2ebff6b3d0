/** Bytes that have arrived and are not used yet. Chunks are not copied unless one read spans several. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #available = 0;
  /** No more chunks will come. */
  ended = false;

  get available(): number {
    return this.#available;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#available += chunk.length;
  }

  /** Exactly `count` bytes, which must be available. */
  take(count: number): Uint8Array {
    const first = this.takeSome(count);
    if (first.length === count) return first;
    const out = new Uint8Array(count);
    out.set(first);
    for (let done = first.length; done < count;) {
      const next = this.takeSome(count - done);
      out.set(next, done);
      done += next.length;
    }
    return out;
  }

  /** What one chunk holds, at most `max` bytes; empty when nothing is there. */
  takeSome(max: number): Uint8Array {
    const head = this.#chunks[0];
    if (head === undefined || max === 0) return new Uint8Array(0);
    const taken = head.length <= max ? head : head.subarray(0, max);
    if (head.length <= max) this.#chunks.shift();
    else this.#chunks[0] = head.subarray(max);
    this.#available -= taken.length;
    return taken;
  }
}
