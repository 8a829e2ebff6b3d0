import { UsageError } from "../flags/parse-flags.ts";

/** `ctrl-p,ctrl-q` to the bytes a terminal sends for it. Throws in Docker's words. Pure. */
export function parseDetachKeys(text: string): Uint8Array {
  return Uint8Array.from(text.split(","), (key) => {
    if (key.length === 1) return key.charCodeAt(0);
    const letter = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1];
    if (letter === undefined)
      throw new UsageError(`invalid detach keys (${text}): Unknown character: '${key}'`);
    return letter.toUpperCase().charCodeAt(0) & 0x1f;
  });
}

/**
 * Looks for the detach keys in what is typed. `feed` gives what may be passed on, or `undefined` once all keys came
 * in a row: a begun sequence is held back until it is clear that it is none.
 */
export class DetachScanner {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  feed(chunk: Uint8Array): Uint8Array | undefined {
    const out: number[] = [];
    for (const byte of chunk) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched += 1;
        if (this.#matched === this.#keys.length) return undefined;
        continue;
      }
      out.push(...this.#keys.subarray(0, this.#matched));
      this.#matched = byte === this.#keys[0] ? 1 : 0;
      if (this.#matched === 0) out.push(byte);
    }
    return Uint8Array.from(out);
  }
}
