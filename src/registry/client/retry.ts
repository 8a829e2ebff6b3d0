import { setTimeout as sleep } from "node:timers/promises";
import { errorCode, SlipwayError } from "../../errors.ts";
import type { RetryConfig } from "./registry-config.ts";

/** A failure that may pass, and how long the registry asked to wait. */
export class TransientError extends SlipwayError {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | undefined } = {}) {
    super("unavailable", message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * Runs `work` until it succeeds, fails for good, or the attempts are used up. Only a {@link TransientError} and a
 * stall are tried again, after a growing, jittered wait, or after `Retry-After`.
 */
export async function retry<T>(
  config: RetryConfig,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const wait = retryDelay(error, attempt, config);
      if (wait === undefined) throw error;
      await pause(wait, signal);
    }
  }
}

/** Milliseconds to wait after attempt `attempt` failed with `error`; undefined to give up. */
export function retryDelay(error: unknown, attempt: number, config: RetryConfig): number | undefined {
  const { attempts = 5, baseMs = 500, maxWaitMs = 60_000 } = config;
  const transient = error instanceof TransientError || errorCode(error) === "deadline_exceeded";
  if (!transient || attempt >= attempts) return undefined;
  const asked = error instanceof TransientError ? error.retryAfterMs : undefined;
  if (asked !== undefined) return asked <= maxWaitMs ? asked : undefined;
  return Math.min(maxWaitMs, baseMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}

/** Waits; throws the signal's reason when it aborts. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch {
    signal?.throwIfAborted();
  }
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110, section 10.2.3); undefined when absent or malformed. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
