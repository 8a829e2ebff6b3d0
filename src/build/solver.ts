import type { Digest } from "../oci/digest.ts";
import { isCode, SlipwayError } from "../errors.ts";
import { Limiter } from "../internal/limiter.ts";
import { SingleFlight } from "../internal/single-flight.ts";
import type { BuildCache, CacheRecord } from "./cache.ts";
import { SolveWalk } from "./solve-walk.ts";
import type { Solved, SolveOptions } from "./solving.ts";
import type { Vertex } from "./vertex.ts";

/** Whether a committed snapshot is still there. */
export type HasSnapshot = (snapshot: string) => Promise<boolean>;

/**
 * Walks build graphs: independent vertices side by side, each once, and identical work of two builds once. It knows
 * nothing of what an operation does. One solver serves all builds of an engine.
 */
export class Solver {
  readonly cache: BuildCache;
  readonly #hasSnapshot: HasSnapshot;
  readonly #limiter: Limiter;
  readonly #flights = new SingleFlight<Solved>();
  readonly #now: () => number;

  constructor(cache: BuildCache, hasSnapshot: HasSnapshot, concurrency: number, now: () => number) {
    this.cache = cache;
    this.#hasSnapshot = hasSnapshot;
    this.#limiter = new Limiter(concurrency);
    this.#now = now;
  }

  /**
   * The result of `target`. Steps whose result nobody needs, because a later one is a hit, are not carried out. The
   * first failure ends the others; it resolves or throws only when all have stopped.
   */
  async solve(target: Vertex, options: SolveOptions): Promise<Solved> {
    const failed = new AbortController();
    const signal = AbortSignal.any([options.signal, failed.signal]);
    const walk = new SolveWalk(this, { ...options, signal });
    try {
      const solved = await walk.result(target);
      await Promise.all((options.alsoNeeded ?? []).map((vertex) => walk.result(vertex)));
      return solved;
    } catch (error) {
      // A plain abort: a build that waits for one of our steps must see that it was stopped, not that it failed.
      failed.abort();
      throw options.signal.aborted ? cancelled(options.signal) : error;
    } finally {
      await walk.settled();
      this.cache.touch(walk.hits);
      this.cache.seen.add(walk.seen());
    }
  }

  /** A record whose snapshot still stands, and is held by now. */
  async lookup(key: Digest, { hold }: Pick<SolveOptions, "hold">): Promise<CacheRecord | undefined> {
    const record = this.cache.get(key);
    if (record === undefined) return undefined;
    hold?.(record.snapshot);
    return (await this.#hasSnapshot(record.snapshot)) ? record : undefined;
  }

  /** Carries out `work` unless another build does the same right now; then its result counts. */
  async once(key: Digest, signal: AbortSignal, work: () => Promise<Solved>): Promise<Solved> {
    for (;;) {
      let mine = false;
      try {
        return await this.#flights.run(key, () => {
          mine = true;
          return this.#limiter.run(work);
        });
      } catch (error) {
        // The build that did the work was cancelled, we were not: do it ourselves.
        if (mine || signal.aborted || !isCode(error, "cancelled")) throw error;
      }
    }
  }

  now(): number {
    return this.#now();
  }
}

function cancelled(signal: AbortSignal): SlipwayError {
  return new SlipwayError("cancelled", "Build cancelled", { cause: signal.reason });
}
