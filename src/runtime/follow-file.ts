import { type FSWatcher, watch } from "node:fs";
import { open } from "node:fs/promises";
import type { CallOptions } from "../oci/call-options.ts";

const chunkSize = 256 * 1024;

export interface FollowOptions extends CallOptions {
  /** First byte to yield. */
  readonly from: number;
  /** Resolves when nothing more will be written. Without it the bytes of this moment are all. */
  readonly ended?: Promise<unknown> | undefined;
}

/**
 * The bytes of a growing file, as they come: woken by inotify, ended when `ended` resolved and all was read, or when
 * the signal is aborted (no error then). Each chunk is the receiver's to keep. Nothing is read ahead.
 */
export async function* followFile(path: string, options: FollowOptions): AsyncGenerator<Uint8Array, void> {
  const file = await open(path, "r");
  using bell = new Bell();
  let watcher: FSWatcher | undefined;
  const onAbort = () => bell.ring();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    let ended = options.ended === undefined;
    const onEnd = () => {
      ended = true;
      bell.ring();
    };
    options.ended?.then(onEnd, onEnd);
    const onChange = () => {
      bell.ring();
      bell.ringOn();
    };
    if (!ended) watcher = watch(path, onChange).on("error", onChange);
    let position = options.from;
    while (options.signal?.aborted !== true) {
      const last = ended;
      const buffer = Buffer.allocUnsafeSlow(chunkSize);
      const { bytesRead } = await file.read(buffer, 0, chunkSize, position);
      position += bytesRead;
      if (bytesRead > 0) {
        bell.ringOn();
        yield buffer.subarray(0, bytesRead);
      } else if (last) return;
      else await bell.rung();
    }
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
    watcher?.close();
    await file.close();
  }
}

/** When to look again after a change, in milliseconds after one another: 13 in all. */
const looks = [1, 2, 4, 6];

/**
 * Remembers a ring until somebody hears it. Bun's `fs.watch` swallows a change that comes within 10 ms of the one
 * before, so each change, and each read that found bytes, is followed by a few more rings.
 */
class Bell implements Disposable {
  #rang = false;
  #hear: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  ring(): void {
    this.#rang = true;
    this.#hear?.();
  }

  /** Rings until no change can have been swallowed any more. */
  ringOn(step = 0): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.ring();
      if (step + 1 < looks.length) this.ringOn(step + 1);
    }, looks[step]);
  }

  async rung(): Promise<void> {
    if (!this.#rang) await new Promise<void>((resolve) => (this.#hear = resolve));
    this.#rang = false;
    this.#hear = undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
