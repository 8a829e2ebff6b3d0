import { open } from "node:fs/promises";
import { SlipwayError } from "../errors.ts";

const chunkSize = 1024 * 1024;

/** A file that is being written, for those who read it meanwhile. The writer tells how far it came. */
export class WrittenFile {
  readonly #path: string;
  readonly isFromStart: boolean;
  #size: number;
  #end: "whole" | "given up" | undefined;
  #news = Promise.withResolvers<void>();

  /** `size`: bytes that were in it before this writer. */
  constructor(path: string, size: number) {
    this.#path = path;
    this.#size = size;
    this.isFromStart = size === 0;
  }

  grow(bytes: number): void {
    this.#size += bytes;
    this.#tell();
  }

  /** The first word counts. */
  end(how: "whole" | "given up"): void {
    this.#end ??= how;
    this.#tell();
  }

  /** All bytes, as they come; the last chunk when the file is whole. Throws `unavailable` when it was given up. */
  async *follow(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const file = await open(this.#path, "r").catch((cause: unknown) => {
      throw new SlipwayError("unavailable", "The write is over", { cause });
    });
    const stopped = Promise.withResolvers<never>();
    stopped.promise.catch(() => {});
    const stop = (): void => stopped.reject(signal?.reason);
    signal?.addEventListener("abort", stop);
    try {
      let at = 0;
      let held: Uint8Array | undefined;
      for (;;) {
        signal?.throwIfAborted();
        const { promise } = this.#news;
        while (at < this.#size) {
          const length = Math.min(chunkSize, this.#size - at);
          const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, at);
          if (bytesRead === 0)
            throw new SlipwayError("data_loss", "The file was cut short while it was written");
          if (held !== undefined) yield held;
          held = buffer.subarray(0, bytesRead);
          at += bytesRead;
        }
        if (this.#end !== undefined && at >= this.#size) break;
        await Promise.race([promise, stopped.promise]);
      }
      if (this.#end !== "whole") throw new SlipwayError("unavailable", "The write was given up");
      if (held !== undefined) yield held;
    } finally {
      signal?.removeEventListener("abort", stop);
      await file.close();
    }
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
