import type { Digest } from "../oci/digest.ts";
import { isCode, SlipwayError } from "../errors.ts";
import { Limiter } from "../internal/limiter.ts";
import { SingleFlight } from "../internal/single-flight.ts";
import type { BuildCache, CacheRecord } from "./cache.ts";
import { missCauses, refusal, stepIdentity } from "./miss-causes.ts";
import type { CacheKey, OpHandler, OpHandlers, SnapshotRef, StepContext } from "./op-handler.ts";
import type { Op, Vertex } from "./vertex.ts";

/** What the solver says while it works. */
export interface SolveListener {
  started(vertex: Vertex): void;
  completed(vertex: Vertex, result: { cached: boolean; causes?: readonly string[]; error?: unknown }): void;
  log(vertex: Vertex, stream: "stdout" | "stderr", data: string): void;
  progress(vertex: Vertex, text: string, current?: number, total?: number): void;
}

export interface SolveOptions {
  readonly handlers: OpHandlers;
  readonly listener: SolveListener;
  /** Ends all steps when it aborts. */
  readonly signal: AbortSignal;
  readonly noCache: boolean;
  /** Names of stages whose steps are carried out anew. */
  readonly noCacheStages?: ReadonlySet<string>;
  /** Names the project in cache records: builds of one Dockerfile and context explain each other's misses. */
  readonly project: string;
  /** Called for a snapshot before it is looked for, so that nobody takes it once it was found. */
  readonly hold?: (snapshot: string) => void;
  /** Called for every result as it stands, so that the caller holds on to it. */
  readonly onResult?: (vertex: Vertex, result: Solved) => void;
}

/** A vertex's result. */
export interface Solved extends SnapshotRef {
  readonly key: Digest;
  /** ms since the epoch: when the step was carried out */
  readonly createdAt: number;
  readonly cached: boolean;
}

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
    const walk = new Walk(this, { ...options, signal });
    try {
      return await walk.result(target);
    } catch (error) {
      // A plain abort: a build that waits for one of our steps must see that it was stopped, not that it failed.
      failed.abort();
      throw options.signal.aborted ? cancelled(options.signal) : error;
    } finally {
      await walk.settled();
      this.cache.touch(walk.hits);
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

interface Keyed {
  readonly key: CacheKey;
  /** What the vertices above key on. */
  readonly resultKey: Digest;
  readonly record?: Solved;
  /** The key was never seen, so whatever stands on the vertex is no hit either: its result is needed for sure. */
  readonly isNew: boolean;
}

/** One build's way through its graph. */
class Walk {
  readonly hits: Digest[] = [];
  readonly #solver: Solver;
  readonly #options: SolveOptions;
  readonly #keys = new Map<Digest, Promise<Keyed>>();
  readonly #results = new Map<Digest, Promise<Solved>>();
  readonly #made = new Map<Digest, Promise<Solved>>();
  readonly #missed = new Set<Digest>();

  constructor(solver: Solver, options: SolveOptions) {
    this.#solver = solver;
    this.#options = options;
  }

  result(vertex: Vertex): Promise<Solved> {
    return memo(this.#results, vertex.digest, () => this.#result(vertex));
  }

  /** Waits for whatever still runs after a failure. */
  async settled(): Promise<void> {
    const all = [...this.#keys.values(), ...this.#results.values(), ...this.#made.values()];
    await Promise.allSettled(all);
  }

  #key(vertex: Vertex): Promise<Keyed> {
    return memo(this.#keys, vertex.digest, () => this.#computeKey(vertex));
  }

  async #computeKey(vertex: Vertex): Promise<Keyed> {
    const handler = this.#handler(vertex);
    const inputs = await Promise.all(vertex.inputs.map((input) => this.#inputKey(input)));
    this.#options.signal.throwIfAborted();
    const inputKeys = inputs.map((input) => input.resultKey);
    const key = await handler.cacheKey(vertex.op, inputKeys, this.#context(vertex));
    const record = await this.#hit(vertex, handler, key);
    if (record !== undefined) return { key, resultKey: record.key, record, isNew: false };
    this.#missed.add(vertex.digest);
    const isNew = this.#isNew(vertex, handler, key);
    if (handler.contentKey === undefined) return { key, resultKey: key.digest, isNew };
    const solved = await this.#make(vertex, key);
    return { key, resultKey: solved.key, record: solved, isNew };
  }

  /** A step that is needed for sure starts at once, beside whatever else is still being keyed. */
  async #inputKey(input: Vertex): Promise<Keyed> {
    const keyed = await this.#key(input);
    if (keyed.isNew) void this.result(input);
    return keyed;
  }

  #refusal(vertex: Vertex): string | undefined {
    return refusal(vertex, this.#options);
  }

  #isNew(vertex: Vertex, handler: OpHandler<Op>, key: CacheKey): boolean {
    if (handler.lookup !== undefined) return false;
    return this.#refusal(vertex) !== undefined || this.#solver.cache.get(key.digest) === undefined;
  }

  async #hit(vertex: Vertex, handler: OpHandler<Op>, key: CacheKey): Promise<Solved | undefined> {
    if (handler.lookup !== undefined) {
      const there = await handler.lookup(vertex.op);
      if (there === undefined) return undefined;
      return this.#cached(vertex, { ...there, key: key.digest, createdAt: 0, cached: true });
    }
    if (this.#refusal(vertex) !== undefined) return undefined;
    const record = await this.#solver.lookup(key.digest, this.#options);
    if (record === undefined) return undefined;
    this.hits.push(key.digest);
    return this.#cached(vertex, fromRecord(record));
  }

  #cached(vertex: Vertex, solved: Solved): Solved {
    this.#options.onResult?.(vertex, solved);
    this.#options.listener.completed(vertex, { cached: true });
    return solved;
  }

  async #result(vertex: Vertex): Promise<Solved> {
    const keyed = await this.#key(vertex);
    return keyed.record ?? (await this.#make(vertex, keyed.key));
  }

  #make(vertex: Vertex, key: CacheKey): Promise<Solved> {
    return memo(this.#made, vertex.digest, () => this.#makeOnce(vertex, key));
  }

  async #makeOnce(vertex: Vertex, key: CacheKey): Promise<Solved> {
    const inputs = await Promise.all(vertex.inputs.map((input) => this.result(input)));
    this.#options.signal.throwIfAborted();
    const causes = this.#causes(vertex, key);
    try {
      const solved = await this.#solver.once(key.digest, this.#options.signal, () =>
        this.#makeOrReuse(vertex, key, inputs),
      );
      this.#options.onResult?.(vertex, solved);
      this.#options.listener.completed(vertex, { cached: solved.cached, ...(!solved.cached && { causes }) });
      return solved;
    } catch (error) {
      this.#options.listener.completed(vertex, { cached: false, causes, error });
      throw error;
    }
  }

  async #makeOrReuse(vertex: Vertex, key: CacheKey, inputs: readonly Solved[]): Promise<Solved> {
    const { signal, listener } = this.#options;
    signal.throwIfAborted();
    // The same work may have been done since the key was looked up, by another build or another stage.
    const record =
      this.#refusal(vertex) !== undefined ? undefined : await this.#solver.lookup(key.digest, this.#options);
    if (record !== undefined) return fromRecord(record);
    listener.started(vertex);
    const handler = this.#handler(vertex);
    const context = this.#context(vertex);
    const inputKeys = inputs.map((input) => input.key);
    const content = await handler.contentKey?.(vertex.op, inputs, inputKeys, context);
    if (content !== undefined && this.#refusal(vertex) === undefined) {
      const record = await this.#solver.lookup(content.digest, this.#options);
      if (record !== undefined) {
        this.#solver.cache.put(
          { ...record, ...this.#identity(vertex), key: key.digest, parts: key.parts },
          key,
        );
        return fromRecord(record);
      }
    }
    return this.#exec(vertex, key, content, inputs);
  }

  async #exec(
    vertex: Vertex,
    key: CacheKey,
    content: CacheKey | undefined,
    inputs: readonly Solved[],
  ): Promise<Solved> {
    const started = performance.now();
    const handler = this.#handler(vertex);
    const { snapshot } = await handler.exec(vertex.op, inputs, this.#context(vertex));
    const createdAt = this.#solver.now();
    const resultKey = content?.digest ?? key.digest;
    if (snapshot !== undefined && handler.lookup === undefined) {
      const durationMs = Math.round(performance.now() - started);
      const record = { snapshot, resultKey, durationMs, createdAt, ...this.#identity(vertex) };
      this.#solver.cache.put({ ...record, key: key.digest, parts: key.parts }, key);
      if (content !== undefined)
        this.#solver.cache.put({ ...record, step: "", place: "", key: content.digest, parts: [] }, content);
    }
    return { snapshot, key: resultKey, createdAt, cached: false };
  }

  #identity(vertex: Vertex): { step: string; place: string } {
    return stepIdentity(vertex, this.#options.project);
  }

  #causes(vertex: Vertex, key: CacheKey): string[] {
    return missCauses(this.#solver.cache, vertex, key, {
      refusal: this.#refusal(vertex),
      project: this.#options.project,
      missed: this.#missed,
    });
  }

  #handler(vertex: Vertex): OpHandler<Op> {
    return this.#options.handlers[vertex.op.kind] as unknown as OpHandler<Op>;
  }

  #context(vertex: Vertex): StepContext {
    const { listener, signal } = this.#options;
    return {
      signal,
      vertex,
      isFresh: this.#refusal(vertex) !== undefined,
      log: (stream, data) => listener.log(vertex, stream, data),
      progress: (text, current, total) => listener.progress(vertex, text, current, total),
    };
  }
}

function fromRecord(record: CacheRecord): Solved {
  return { snapshot: record.snapshot, key: record.resultKey, createdAt: record.createdAt, cached: true };
}

function memo<T>(map: Map<Digest, Promise<T>>, key: Digest, work: () => Promise<T>): Promise<T> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const promise = work();
  promise.catch(() => undefined);
  map.set(key, promise);
  return promise;
}

function cancelled(signal: AbortSignal): SlipwayError {
  return new SlipwayError("cancelled", "Build cancelled", { cause: signal.reason });
}
