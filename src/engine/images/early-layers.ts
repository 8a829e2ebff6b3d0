import { copy, type CopyOptions } from "../../image/copy.ts";
import { Limiter } from "../../internal/limiter.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Source, Target } from "../../oci/target.ts";

/** How many layers are sent at once. */
const atOnce = 4;

/**
 * Sends layers of a push as they become ready, before their manifest is known. Dispose stops what is under way and waits
 * for it to end.
 */
export class EarlyLayers implements AsyncDisposable {
  readonly #from: Source;
  readonly #to: Target;
  readonly #options: CopyOptions;
  readonly #stop = new AbortController();
  readonly #limiter = new Limiter(atOnce);
  readonly #sending: Promise<unknown>[] = [];

  constructor(from: Source, to: Target, options: CopyOptions) {
    this.#from = from;
    this.#to = to;
    const { signal } = options;
    this.#options = {
      ...options,
      signal: signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]),
    };
  }

  send(layer: Descriptor): void {
    const sent = this.#limiter.run(() => copy(this.#from, layer, this.#to, undefined, this.#options));
    // A failure is told by `all`; until then nobody listens.
    sent.catch(() => {});
    this.#sending.push(sent);
  }

  /** Waits for all. Throws what the first failed with. */
  async all(): Promise<void> {
    await Promise.all(this.#sending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#sending);
  }
}
