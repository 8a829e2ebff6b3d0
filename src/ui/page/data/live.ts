import { signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { EngineEvent } from "../../../engine/types/event.ts";
import { ApiError, call } from "./api.ts";
import { streamLines } from "./stream.ts";

/** `engine-away`: the engine does not answer; `server-away`: nor does `slipway ui`; `no-session`: it is another one. */
export type Connection = "connecting" | "live" | "engine-away" | "server-away" | "no-session";

const retryMs = 1000;
const kept = 500;

/**
 * The page's line to the engine: its events as they happen, and whether it is there. When the line breaks it is made
 * again, and everything shown is asked for anew ({@link Live.epoch} counts up).
 */
export class Live {
  readonly #connection = signal<Connection>("connecting");
  readonly #epoch = signal(0);
  readonly #events: Signal<readonly EngineEvent[]> = signal([]);
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  get connection(): ReadonlySignal<Connection> {
    return this.#connection;
  }

  get epoch(): ReadonlySignal<number> {
    return this.#epoch;
  }

  /** The newest 500, oldest first. */
  get events(): ReadonlySignal<readonly EngineEvent[]> {
    return this.#events;
  }

  /** Returns what ends it. */
  listen(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs until the signal. */
  async run(ended: AbortSignal): Promise<void> {
    let since = Math.floor(Date.now() / 1000) - 3600;
    while (!ended.aborted) {
      try {
        await call("GET", "/_ping", { signal: ended });
        if (this.#connection.value !== "live") this.#epoch.value += 1;
        this.#connection.value = "live";
        since = await this.#follow(since, ended);
      } catch (error) {
        if (ended.aborted) return;
        this.#connection.value = stateOf(error);
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  /** Resolves when the engine ended the stream: with the time to go on from. */
  async #follow(since: number, ended: AbortSignal): Promise<number> {
    let last = since;
    const seen = new Set(this.#events.value.map(nameOf));
    for await (const event of streamLines<EngineEvent>("/events", { since }, ended)) {
      last = event.time;
      if (seen.has(nameOf(event))) continue;
      this.#events.value = [...this.#events.value.slice(1 - kept), event];
      for (const listener of this.#listeners) listener(event);
    }
    this.#connection.value = "engine-away";
    return last;
  }
}

function nameOf({ timeNano, Action, Actor }: EngineEvent): string {
  return `${timeNano} ${Action} ${Actor.ID}`;
}

function stateOf(error: unknown): Connection {
  if (!(error instanceof ApiError)) return "server-away";
  if (error.status === 401) return "no-session";
  return error.code === "offline" ? "server-away" : "engine-away";
}
