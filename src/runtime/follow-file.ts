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
  const bell = new Bell();
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
    if (!ended) watcher = watch(path, () => bell.ring());
    let position = options.from;
    while (options.signal?.aborted !== true) {
      const last = ended;
      const buffer = Buffer.allocUnsafeSlow(chunkSize);
      const { bytesRead } = await file.read(buffer, 0, chunkSize, position);
      position += bytesRead;
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (last) return;
      else await bell.rung();
    }
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
    watcher?.close();
    await file.close();
  }
}

/** Remembers a ring until somebody hears it. */
class Bell {
  #rang = false;
  #hear: (() => void) | undefined;

  ring(): void {
    this.#rang = true;
    this.#hear?.();
  }

  async rung(): Promise<void> {
    if (!this.#rang) await new Promise<void>((resolve) => (this.#hear = resolve));
    this.#rang = false;
    this.#hear = undefined;
  }
}
