import { createHash, type Hash } from "node:crypto";
import type { ByteStream } from "../../oci/call-options.ts";

const kept = 128;

interface Running {
  readonly hash: Hash;
  readonly offset: number;
}

/**
 * SHA-256 of uploads in progress, so that a chunked upload need not be read again at its end. Only a shortcut: what
 * is missing here (after a restart, or in another process) is computed from the stored bytes.
 */
export class RunningHashes {
  readonly #running = new Map<string, Running>();

  /** Passes `content`, which starts at `offset` of upload `key`, through the hash. */
  async *observe(key: string, offset: number, content: ByteStream): ByteStream {
    const hash = offset === 0 ? createHash("sha256") : this.#take(key, offset);
    let at = offset;
    for await (const chunk of content) {
      hash?.update(chunk);
      at += chunk.length;
      yield chunk;
    }
    if (hash !== undefined) this.#keep(key, { hash, offset: at });
  }

  /** The hex digest of the first `size` bytes; undefined when it must be computed. Forgets the upload. */
  finish(key: string, size: number): string | undefined {
    return this.#take(key, size)?.digest("hex");
  }

  forget(key: string): void {
    this.#running.delete(key);
  }

  #take(key: string, offset: number): Hash | undefined {
    const running = this.#running.get(key);
    this.#running.delete(key);
    return running?.offset === offset ? running.hash : undefined;
  }

  #keep(key: string, running: Running): void {
    const oldest = this.#running.size >= kept ? this.#running.keys().next().value : undefined;
    if (oldest !== undefined) this.#running.delete(oldest);
    this.#running.set(key, running);
  }
}
