import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { errorMessage } from "../../../errors.ts";
import { httpFetch } from "../../../platform/fetch.ts";
import type { Digest } from "../../../oci/digest.ts";

/** Something that happened in a repository. */
export interface RegistryEvent {
  readonly action: "push" | "pull" | "delete";
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
  readonly mediaType?: string | undefined;
  readonly size?: number | undefined;
  readonly account?: string | undefined;
}

export interface Webhook {
  readonly url: string;
  /** Signs each body: `X-Slipway-Signature: sha256=<hex of HMAC-SHA-256>`. */
  readonly secret?: string | undefined;
  /** Default: push and delete. */
  readonly actions?: readonly RegistryEvent["action"][];
}

const mostWaiting = 1000;
const attempts = 6;
const answerMs = 10_000;

/**
 * Tells of events by POST, in the envelope of distribution's notifications. Each hook has a queue of its own, in
 * order, in memory; what is not answered with 2xx is sent again after 1, 2, 4 … seconds, six times in all. Dispose
 * gives what waits five seconds more.
 */
export class Webhooks implements AsyncDisposable {
  readonly #queues: readonly HookQueue[];

  constructor(hooks: readonly Webhook[], onError: (error: unknown) => void, baseMs = 1000) {
    this.#queues = hooks.map((hook) => new HookQueue(hook, onError, baseMs));
  }

  tell(event: RegistryEvent): void {
    for (const queue of this.#queues) queue.add(event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#queues.map(async (queue) => await queue.end()));
  }
}

class HookQueue {
  readonly #hook: Webhook;
  readonly #onError: (error: unknown) => void;
  readonly #baseMs: number;
  readonly #stop = new AbortController();
  readonly #waiting: RegistryEvent[] = [];
  #working: Promise<void> | undefined;

  constructor(hook: Webhook, onError: (error: unknown) => void, baseMs: number) {
    this.#hook = hook;
    this.#onError = onError;
    this.#baseMs = baseMs;
  }

  add(event: RegistryEvent): void {
    if (!(this.#hook.actions ?? ["push", "delete"]).includes(event.action)) return;
    if (this.#waiting.length >= mostWaiting) {
      this.#onError(`The webhook ${this.#name} is too slow: an event is lost`);
      return;
    }
    this.#waiting.push(event);
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  async end(): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), 5000);
    await this.#working;
    clearTimeout(timer);
  }

  /** A URL may hold a token behind its host. */
  get #name(): string {
    return `at ${new URL(this.#hook.url).host}`;
  }

  async #work(): Promise<void> {
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      const body = envelope(event);
      for (let attempt = 1; !(await this.#delivered(body, attempt)); attempt += 1) {
        if (attempt === attempts || this.#stop.signal.aborted) break;
        await sleep(this.#baseMs * 2 ** (attempt - 1), undefined, { signal: this.#stop.signal }).catch(
          () => {},
        );
      }
    }
  }

  async #delivered(body: string, attempt: number): Promise<boolean> {
    const { url, secret } = this.#hook;
    const headers = new Headers({ "content-type": "application/vnd.docker.distribution.events.v1+json" });
    if (secret !== undefined)
      headers.set("x-slipway-signature", `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(answerMs)]);
      const response = await httpFetch(new URL(url), { method: "POST", headers, body, signal });
      await response.body?.cancel();
      if (response.ok) return true;
      if (attempt === attempts) this.#onError(`The webhook ${this.#name} answered ${response.status}`);
    } catch (error) {
      if (attempt === attempts) this.#onError(`The webhook ${this.#name} failed: ${errorMessage(error)}`);
    }
    return false;
  }
}

function envelope(event: RegistryEvent): string {
  const { action, repository, account, digest, mediaType, size, tag } = event;
  const target = { repository, tag, digest, mediaType, size, length: size };
  const actor = account === undefined ? {} : { name: account };
  const one = { id: randomUUID(), timestamp: new Date().toISOString(), action, target, actor };
  return JSON.stringify({ events: [one] });
}
