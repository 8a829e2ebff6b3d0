import { BackgroundWork } from "../../internal/background-work.ts";
import type { Shipping } from "./ship-log.ts";
import type { Task } from "../../runtime/runtime.ts";

/** What is known in memory alone of a container: gone with the engine, found again from the records and the runtime. */
export interface Live {
  task: Task | undefined;
  /** Attaches that came before the start: called with the task before its process runs; undefined: it cannot start. */
  readonly attachOnStart: Set<(task: Task | undefined) => Promise<void>>;
  restartTimer: NodeJS.Timeout | undefined;
  /** ms, of the last automatic restart */
  restartDelay: number;
  /** Ends the health checks. */
  stopHealth: (() => void) | undefined;
  /** IDs of its exec sessions. */
  readonly execs: Set<string>;
}

/** The {@link Live} part of every container, made when it is first asked for. */
export class LiveContainers {
  readonly #byId = new Map<string, Live>();
  readonly #closed = new AbortController();
  /** Logs on their way to a daemon, by the container's ID. */
  readonly shipping = new Map<string, Shipping>();
  /** What is cleared away after containers that are gone from the records. */
  readonly clearing = new BackgroundWork();

  of(id: string): Live {
    let live = this.#byId.get(id);
    if (live === undefined) this.#byId.set(id, (live = emptyLive()));
    return live;
  }

  forget(id: string): void {
    this.#byId.delete(id);
  }

  /**
   * The engine ends: no timer goes on, and no end of a container is heard of any more. Containers go on. Resolves when
   * what is being cleared away is gone.
   */
  async close(): Promise<void> {
    for (const live of this.#byId.values()) {
      live.stopHealth?.();
      clearTimeout(live.restartTimer);
    }
    this.#byId.clear();
    this.#closed.abort();
    await Promise.all([...this.shipping.values()].map(({ done }) => done));
    await this.clearing.settled();
  }

  /** Aborts when the engine ends. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }
}

function emptyLive(): Live {
  return {
    task: undefined,
    attachOnStart: new Set(),
    restartTimer: undefined,
    restartDelay: 0,
    stopHealth: undefined,
    execs: new Set(),
  };
}
