import { SlipwayError } from "../errors.ts";

const controlKeys = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

/** What a terminal's user types to leave a container running, unless it is set otherwise: ctrl-p, ctrl-q. */
export const DEFAULT_DETACH_KEYS = "ctrl-p,ctrl-q";

/** `ctrl-p,ctrl-q` or `a,ctrl-\` as bytes. Throws `invalid_argument`. */
export function parseDetachKeys(keys: string): Uint8Array {
  return Uint8Array.from(keys.split(","), (key) => {
    if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
    const control = key.startsWith("ctrl-") && key.length === 6 ? controlKeys.indexOf(key.slice(5)) : -1;
    if (control < 0) throw new SlipwayError("invalid_argument", `invalid detach keys (${keys}) provided`);
    return control;
  });
}

/**
 * Watches what a terminal's user types for the detach sequence. Bytes that may begin it are held back until the next
 * ones decide; the sequence itself is never passed on.
 */
export class DetachWatch {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  /** The bytes to pass on, and whether the sequence is complete: what follows it is dropped. */
  feed(chunk: Uint8Array): { data: Uint8Array; detached: boolean } {
    const data: number[] = [];
    for (const byte of chunk) {
      this.#take(byte, data);
      if (this.#matched === this.#keys.length) return { data: Uint8Array.from(data), detached: true };
    }
    return { data: Uint8Array.from(data), detached: false };
  }

  #take(byte: number, out: number[]): void {
    if (byte === this.#keys[this.#matched]) {
      this.#matched += 1;
      return;
    }
    out.push(...this.#keys.subarray(0, this.#matched));
    this.#matched = byte === this.#keys[0] ? 1 : 0;
    if (this.#matched === 0) out.push(byte);
  }
}
