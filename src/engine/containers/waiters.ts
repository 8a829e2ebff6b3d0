import type { ContainerWait } from "../types/container.ts";

/** How long the end of a removed container is remembered, so that a late `wait` still learns it. */
const memory = 1000;

/** Who waits for the end, or the removal, of which container. */
export class Waiters {
  readonly #exit = new Map<string, ((end: ContainerWait) => void)[]>();
  readonly #health = new Map<string, ((end: ContainerWait) => void)[]>();
  readonly #removal = new Map<string, ((end: ContainerWait) => void)[]>();
  readonly #removed = new Map<string, ContainerWait>();

  nextExit(id: string, signal?: AbortSignal): Promise<ContainerWait> {
    return waitIn(this.#exit, id, signal);
  }

  removal(id: string, signal?: AbortSignal): Promise<ContainerWait> {
    const end = this.#removed.get(id);
    return end === undefined ? waitIn(this.#removal, id, signal) : Promise.resolve(end);
  }

  /** The end of a container that is gone, by its full ID. */
  endOfRemoved(id: string): ContainerWait | undefined {
    return this.#removed.get(id);
  }

  /** The next verdict of the health check, or the next end. */
  nextHealth(id: string, signal?: AbortSignal): Promise<ContainerWait> {
    return waitIn(this.#health, id, signal);
  }

  healthChanged(id: string): void {
    release(this.#health, id, { StatusCode: 0 });
  }

  exited(id: string, end: ContainerWait): void {
    release(this.#exit, id, end);
    release(this.#health, id, end);
  }

  removed(id: string, end: ContainerWait): void {
    this.#removed.set(id, end);
    const oldest = this.#removed.size > memory ? this.#removed.keys().next().value : undefined;
    if (oldest !== undefined) this.#removed.delete(oldest);
    release(this.#exit, id, end);
    release(this.#health, id, end);
    release(this.#removal, id, end);
  }
}

function waitIn(
  map: Map<string, ((end: ContainerWait) => void)[]>,
  id: string,
  signal: AbortSignal | undefined,
): Promise<ContainerWait> {
  return new Promise((resolve, reject) => {
    const waiting = map.get(id) ?? [];
    map.set(id, waiting);
    waiting.push(resolve);
    signal?.addEventListener(
      "abort",
      () => {
        const at = waiting.indexOf(resolve);
        if (at >= 0) waiting.splice(at, 1);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}

function release(map: Map<string, ((end: ContainerWait) => void)[]>, id: string, end: ContainerWait): void {
  const waiting = map.get(id) ?? [];
  map.delete(id);
  for (const resolve of waiting) resolve(end);
}
