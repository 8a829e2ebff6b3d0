import type { BuildEvent, BuildRequest } from "../builder.ts";
import type { BuildRecord } from "./build-record.ts";

/** A build that has not ended. */
export interface RunningBuild {
  /** The ID its record will have. */
  readonly id: string;
  readonly tags: readonly string[];
  readonly target?: string;
  /** ms since the epoch */
  readonly startedAt: number;
}

/** What a build tells, and how it ended. */
export type WatchedEvent =
  | BuildEvent
  | {
      readonly type: "ended";
      readonly outcome: BuildRecord["outcome"];
      /** ms since the epoch */
      readonly at: number;
      readonly error?: string;
    };

/** Characters of output that are kept of a build. */
const maxOutput = 2 << 20;

/** The builds of an engine while they run: who they are, and all they tell, for whoever asks, however late. */
export class BuildWatch {
  readonly #running = new Map<string, WatchedBuild>();
  readonly #listeners = new Set<() => void>();

  begin(id: string, { tags = [], target }: BuildRequest, startedAt: number): WatchedBuild {
    const about = { id, tags, ...(target !== undefined && { target }), startedAt };
    const build = new WatchedBuild(about, () => {
      this.#running.delete(id);
      this.#changed();
    });
    this.#running.set(id, build);
    this.#changed();
    return build;
  }

  list(): RunningBuild[] {
    return Array.from(this.#running.values(), ({ about }) => about);
  }

  find(id: string): WatchedBuild | undefined {
    return this.#running.get(id);
  }

  /** What runs now, and again after each begin and end, until the signal. */
  async *changes(signal?: AbortSignal): AsyncGenerator<RunningBuild[]> {
    let wake = () => {};
    let isNew = true;
    const listener = () => ((isNew = true), wake());
    this.#listeners.add(listener);
    signal?.addEventListener("abort", listener);
    try {
      for (;;) {
        if (!isNew) await new Promise<void>((resolve) => (wake = resolve));
        if (signal?.aborted === true) return;
        isNew = false;
        yield this.list();
      }
    } finally {
      signal?.removeEventListener("abort", listener);
      this.#listeners.delete(listener);
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** One build that runs: `see` each of its events, and `end` it once. */
export class WatchedBuild {
  readonly about: RunningBuild;
  readonly #onEnd: () => void;
  readonly #events: WatchedEvent[] = [];
  readonly #followers = new Set<(event: WatchedEvent) => void>();
  #output = 0;
  #isOver = false;

  constructor(about: RunningBuild, onEnd: () => void) {
    this.about = about;
    this.#onEnd = onEnd;
  }

  /** All that was kept, in order. */
  get events(): readonly WatchedEvent[] {
    return this.#events;
  }

  see(event: WatchedEvent): void {
    if (this.#keeps(event)) this.#events.push(event);
    for (const follower of this.#followers) follower(event);
  }

  end(event: Extract<WatchedEvent, { type: "ended" }>): void {
    this.#isOver = true;
    this.see(event);
    this.#onEnd();
  }

  /** From the first event to the last, waiting for those to come, until the signal. */
  async *follow(signal?: AbortSignal): AsyncGenerator<WatchedEvent> {
    const queue = [...this.#events];
    let wake = () => {};
    const follower = (event: WatchedEvent) => (queue.push(event), wake());
    const onAbort = () => wake();
    this.#followers.add(follower);
    signal?.addEventListener("abort", onAbort);
    try {
      for (;;) {
        for (let event = queue.shift(); event !== undefined; event = queue.shift()) yield event;
        if (this.#isOver || signal?.aborted === true) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#followers.delete(follower);
    }
  }

  /** Of a step's progress the newest is enough, and output has a limit, which the last line that is kept tells of. */
  #keeps(event: WatchedEvent): boolean {
    const last = this.#events.at(-1);
    if (event.type === "progress" && last?.type === "progress" && last.id === event.id) this.#events.pop();
    if (event.type !== "log") return true;
    const isFirstAbove = this.#output <= maxOutput && this.#output + event.data.length > maxOutput;
    this.#output += event.data.length;
    if (isFirstAbove)
      this.#events.push({ ...event, data: "\n… what came after 2 MiB of output was not kept\n" });
    return this.#output <= maxOutput;
  }
}
