import type { OutputChunk } from "./runtime.ts";

/** bytes held for a slow reader before its source is paused */
const highWater = 1 << 20;

/** What can be told to send no more for a while. */
export interface ChunkSource {
  pause(): void;
  resume(): void;
}

/**
 * Output between a source that pushes and a reader that pulls. A slow reader pauses the source; a reader that is gone
 * ({@link discard}) lets it run on.
 */
export class ChunkQueue {
  #chunks: OutputChunk[] = [];
  #held = 0;
  #closed = false;
  #discarded = false;
  #paused = false;
  #wake: (() => void) | undefined;
  #source: ChunkSource | undefined;

  connect(source: ChunkSource): void {
    this.#source = source;
  }

  push(chunk: OutputChunk): void {
    if (this.#discarded || chunk.data.length === 0) return;
    this.#chunks.push(chunk);
    this.#held += chunk.data.length;
    if (this.#held > highWater && !this.#paused) this.#pause();
    this.#wake?.();
  }

  /** No more will be pushed: the reader gets what is held, then the end. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Nobody reads any more. */
  discard(): void {
    this.#discarded = true;
    this.#chunks = [];
    this.#held = 0;
    this.#resume();
    this.close();
  }

  async *output(): AsyncGenerator<OutputChunk, void> {
    for (;;) {
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#held = 0;
      if (chunks.length > 0) {
        yield* chunks;
      } else if (this.#closed) return;
      else {
        this.#resume();
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  #pause(): void {
    this.#paused = true;
    this.#source?.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#source?.resume();
  }
}
