import { RegistryError } from "../registry-error.ts";

export interface RateLimit {
  readonly requestsPerSecond: number;
  /** How many may come at once after a silence. */
  readonly burst: number;
}

const keptClients = 10_000;

/** A token bucket for each client address. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** `now` in milliseconds. */
  constructor(limit: RateLimit, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Throws `TOOMANYREQUESTS` with `Retry-After`. */
  take(client: string): void {
    const { requestsPerSecond, burst } = this.#limit;
    const now = this.#now();
    const bucket = this.#buckets.get(client) ?? { tokens: burst, at: now };
    // Those seen last stand last: what is dropped is what was silent longest, and full again.
    this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * requestsPerSecond);
    bucket.at = now;
    this.#forget();
    if (bucket.tokens >= 1) return void (bucket.tokens -= 1);
    const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / requestsPerSecond));
    throw new RegistryError("TOOMANYREQUESTS", { headers: { "retry-after": String(seconds) } });
  }

  #forget(): void {
    if (this.#buckets.size <= keptClients) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
