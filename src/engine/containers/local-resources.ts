import { setTimeout as sleep } from "node:timers/promises";
import type { CallOptions } from "../../oci/call-options.ts";
import type { ContainerResourceService, ContainerUpdate } from "../container-resources.ts";
import type { ContainerStats } from "../types/stats.ts";
import type { ContainerHost } from "./host.ts";
import { sampleStats, withPrevious } from "./stats.ts";
import { updateLocked } from "./update.ts";

const intervalMs = 1000;

/** What the containers of a {@link ContainerHost} use, and may use. */
export class LocalContainerResources implements ContainerResourceService {
  readonly #host: ContainerHost;

  constructor(host: ContainerHost) {
    this.#host = host;
  }

  stats(
    name: string,
    o: CallOptions & { stream?: boolean; oneShot?: boolean } = {},
  ): AsyncIterable<ContainerStats> {
    const { id } = this.#host.store.get(name);
    return o.stream === false ? this.#once(id, o) : this.#stream(id, o.signal);
  }

  async update(name: string, update: ContainerUpdate): Promise<{ Warnings: string[] }> {
    const { store, locks } = this.#host;
    const { id } = store.get(name);
    return await locks.run(id, () => updateLocked(this.#host, store.get(id), update));
  }

  async *#once(id: string, o: CallOptions & { oneShot?: boolean }): AsyncGenerator<ContainerStats> {
    const first = await this.#sample(id);
    if (o.oneShot === true || first?.cpu_stats.system_cpu_usage === undefined) {
      if (first !== undefined) yield first;
      return;
    }
    await sleep(intervalMs, undefined, { signal: o.signal });
    const second = await this.#sample(id);
    if (second !== undefined) yield withPrevious(second, first);
  }

  async *#stream(id: string, signal: AbortSignal | undefined): AsyncGenerator<ContainerStats> {
    let before: ContainerStats | undefined;
    for (;;) {
      const stats = await this.#sample(id);
      if (stats === undefined) return;
      yield withPrevious(stats, before);
      before = stats;
      if (await isAborted(intervalMs, signal)) return;
    }
  }

  /** Undefined once the container is removed. */
  async #sample(id: string): Promise<ContainerStats | undefined> {
    const record = this.#host.store.byId(id);
    return record === undefined ? undefined : await sampleStats(record, this.#host.now());
  }
}

async function isAborted(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
  return signal?.aborted === true;
}
