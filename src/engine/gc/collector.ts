import { statfs } from "node:fs/promises";
import { errorMessage } from "../../errors.ts";
import { humanSize } from "../../internal/human-size.ts";
import { budgetBytes, cacheLimit, type DiskBudget } from "./disk-budget.ts";

export interface CollectorParts {
  /** The file system that is watched. */
  readonly root: string;
  /** False: nothing is given up by itself; {@link Collector.collect} still removes what nothing needs. */
  readonly budget: DiskBudget | false;
  /** What the build cache takes that nothing else needs, bytes. */
  readonly cacheSize: () => Promise<number>;
  /** Drops the results of the build cache that were unused longest, until `keepBytes` or less are left. */
  readonly trimCache: (keepBytes: number, reason: string) => Promise<void>;
  /** Gives up what can be had again, with each look at the budget. Default: nothing is. */
  readonly tidy?: () => Promise<void>;
  /** Removes what no record names any more. Resolves to the bytes freed. */
  readonly sweep: () => Promise<number>;
  readonly warn: (message: string) => void;
  /** ms between two looks at the disk's free space. Default a minute. */
  readonly lookEvery?: number;
  /** ms from the end of a build to the collection it brings about. Default ten seconds. */
  readonly settleAfter?: number;
}

/** How many looks at the disk make a collection also when space is not short: once an hour. */
const looksPerSweep = 60;

/**
 * Keeps the engine within its disk budget, beside all other work: what a piece of work in flight made or uses is held by its
 * lease, and nothing waits for the collector. It runs at the start, a moment after builds, when the disk's free space
 * falls below the budget, and once an hour. Dispose stops it and waits for the collection that goes on.
 */
export class Collector implements AsyncDisposable {
  readonly #parts: CollectorParts;
  #running: Promise<number> = Promise.resolve(0);
  #next: Promise<number> | undefined;
  #looks = 0;
  #isShort = false;
  #isTrimDue = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
  }

  get #isOn(): boolean {
    return this.#parts.budget !== false || this.#parts.tidy !== undefined;
  }

  /** Collects once, and from then on by itself. */
  start(): Promise<void> {
    const { lookEvery = 60_000 } = this.#parts;
    if (this.#isOn) this.#timer = setInterval(() => void this.#look(), lookEvery);
    return this.#collectQuietly();
  }

  /** After something that takes disk. Several calls make one collection. */
  soon(): void {
    if (!this.#isOn || this.#isClosed || this.#settling !== undefined) return;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      void this.#collectQuietly();
    }, this.#parts.settleAfter ?? 10_000);
  }

  /**
   * Removes what nothing needs any more. Resolves to the bytes freed. A call that comes while a collection goes on gets the
   * next one, which sees everything that was done before the call.
   */
  collect(): Promise<number> {
    if (this.#next !== undefined) return this.#next;
    const next = this.#running
      .catch(() => 0)
      .then(() => {
        this.#next = undefined;
        this.#running = this.#once();
        return this.#running;
      });
    this.#next = next;
    return next;
  }

  async #once(): Promise<number> {
    const { budget, root } = this.#parts;
    const isTrimDue = this.#isTrimDue;
    this.#isTrimDue = false;
    if (isTrimDue) await this.#parts.tidy?.();
    if (isTrimDue && budget !== false) await this.#trim(budget, root);
    return await this.#parts.sweep();
  }

  async #trim(budget: DiskBudget, root: string): Promise<void> {
    const disk = await freeSpace(root);
    const limits = budgetBytes(budget, disk.size);
    const used = await this.#parts.cacheSize();
    const limit = cacheLimit(limits, { used, free: disk.free });
    this.#tellShortage(limits.minFree, disk.free + used);
    if (limit === undefined) return;
    const why = limit.isForFree
      ? `to keep ${humanSize(limits.minFree)} of the disk free`
      : `to stay under ${humanSize(limits.maxUsed)}`;
    await this.#parts.trimCache(limit.keepBytes, why);
  }

  /** Once for each time that it comes to this. */
  #tellShortage(minFree: number, reachable: number): void {
    const isShort = reachable < minFree;
    if (isShort && !this.#isShort) {
      const what = `less than ${humanSize(minFree)} of the disk is free and there is no build cache left to give up`;
      this.#parts.warn(`${this.#parts.root}: ${what}: "slipway system df --explain" tells what takes it`);
    }
    this.#isShort = isShort;
  }

  async #look(): Promise<void> {
    const { budget, root } = this.#parts;
    if (this.#next !== undefined) return;
    this.#looks += 1;
    try {
      const disk = await freeSpace(root);
      const minFree = budget === false ? 0 : budgetBytes(budget, disk.size).minFree;
      const isLow = disk.free < minFree && !this.#isShort;
      if (isLow || this.#looks % looksPerSweep === 0) await this.#collectQuietly();
    } catch (error) {
      this.#parts.warn(`Cannot look at the disk of "${root}": ${errorMessage(error)}`);
    }
  }

  /** With a look at the budget, which what others ask for goes without. */
  async #collectQuietly(): Promise<void> {
    if (this.#isClosed) return;
    this.#isTrimDue = true;
    await this.collect().catch((error: unknown) =>
      this.#parts.warn(`Cannot collect garbage: ${errorMessage(error)}`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#settling);
    await Promise.allSettled([this.#running, this.#next]);
  }
}

/** Of the file system at `path`: its size, and what is free for everybody, bytes. */
async function freeSpace(path: string): Promise<{ size: number; free: number }> {
  const { bsize, blocks, bavail } = await statfs(path);
  return { size: blocks * bsize, free: bavail * bsize };
}
