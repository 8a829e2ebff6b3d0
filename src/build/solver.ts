import type { Digest } from "../oci/digest.ts";
import { errorMessage, isCode, SlipwayError } from "../errors.ts";
import { Limiter } from "../internal/limiter.ts";
import { SingleFlight } from "../internal/single-flight.ts";
import type { BuildCache, CacheRecord } from "./cache.ts";
import { missCauses, refusal, stepIdentity } from "./miss-causes.ts";
import type { StepOfBuild } from "./seen-steps.ts";
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
  /** Results that stand elsewhere, by key. They are fetched when they are needed. */
  readonly remote?: { find(key: Digest): RemoteResult | undefined };
  /** Called for every vertex whose key was found there. */
  readonly onRemote?: (vertex: Vertex, key: Digest) => void;
  /** Beside the target: their results are wanted, if only to be named. */
  readonly alsoNeeded?: readonly Vertex[];
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

/** A result of another engine's. */
export interface RemoteResult {
  readonly resultKey: Digest;
  readonly createdAt: number;
  readonly durationMs: number;
  /** Brings it here: the name of the committed snapshot, which the caller's lease holds. */
  fetch(options: {
    readonly signal: AbortSignal;
    readonly onProgress: (text: string) => void;
  }): Promise<string>;
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

interface Keyed {
  readonly key: CacheKey;
  /** What the vertices above key on. */
  readonly resultKey: Digest;
  readonly record?: Solved;
  readonly remote?: RemoteResult;
  /** The key was never seen, so whatever stands on the vertex is no hit either: its result is needed for sure. */
  readonly isNew: boolean;
}

/** One build's way through its graph. */
class Walk {
  readonly hits: Digest[] = [];
  readonly #done = new Map<Digest, { readonly vertex: Vertex; readonly key: CacheKey }>();
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

  /** The steps that were hits or were carried out. */
  seen(): StepOfBuild[] {
    return [...this.#done.values()].map(({ vertex, key }) => ({ ...this.#identity(vertex), key }));
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
    const remote = this.#remote(vertex, handler, key);
    if (remote !== undefined) return { key, resultKey: remote.resultKey, remote, isNew: false };
    this.#missed.add(vertex.digest);
    const isNew = this.#isNew(vertex, handler, key);
    const isKeyedByContent = handler.contentKey !== undefined && handler.hasContentKey?.(vertex.op) !== false;
    if (!isKeyedByContent) return { key, resultKey: key.digest, isNew };
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

  #remote(vertex: Vertex, handler: OpHandler<Op>, key: CacheKey): RemoteResult | undefined {
    if (handler.lookup !== undefined || this.#refusal(vertex) !== undefined) return undefined;
    const found = this.#options.remote?.find(key.digest);
    if (found === undefined) return undefined;
    this.#done.set(vertex.digest, { vertex, key });
    this.#options.onRemote?.(vertex, key.digest);
    return found;
  }

  #isNew(vertex: Vertex, handler: OpHandler<Op>, key: CacheKey): boolean {
    // What stands on a step that no cache has may be in one all the same.
    if (handler.lookup !== undefined || this.#options.remote !== undefined) return false;
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
    this.#done.set(vertex.digest, { vertex, key });
    return this.#cached(vertex, fromRecord(record));
  }

  #cached(vertex: Vertex, solved: Solved): Solved {
    this.#options.onResult?.(vertex, solved);
    this.#options.listener.completed(vertex, { cached: true });
    return solved;
  }

  async #result(vertex: Vertex): Promise<Solved> {
    const keyed = await this.#key(vertex);
    if (keyed.record !== undefined) return keyed.record;
    return await (keyed.remote === undefined
      ? this.#make(vertex, keyed.key)
      : this.#fetch(vertex, keyed.key, keyed.remote));
  }

  #fetch(vertex: Vertex, key: CacheKey, remote: RemoteResult): Promise<Solved> {
    return memo(this.#made, vertex.digest, async () => {
      try {
        return await this.#fetchOnce(vertex, key, remote);
      } catch (error) {
        if (this.#options.signal.aborted) throw error;
        // A cache that is damaged, or gone by now, is no reason to fail: the step can be carried out.
        const why = `the cache could not be used: ${errorMessage(error)}\n`;
        this.#options.listener.log(vertex, "stderr", why);
        return await this.#makeOnce(vertex, key);
      }
    });
  }

  async #fetchOnce(vertex: Vertex, key: CacheKey, remote: RemoteResult): Promise<Solved> {
    const { signal, listener, hold } = this.#options;
    const solved = await this.#solver.once(key.digest, signal, async () => {
      const known = await this.#solver.lookup(key.digest, this.#options);
      if (known !== undefined) return fromRecord(known);
      listener.started(vertex);
      const snapshot = await remote.fetch({ signal, onProgress: (text) => listener.progress(vertex, text) });
      hold?.(snapshot);
      const { resultKey, durationMs, createdAt } = remote;
      this.#record(vertex, key, resultKey === key.digest ? undefined : { digest: resultKey, parts: [] }, {
        snapshot,
        resultKey,
        durationMs,
        createdAt,
      });
      return { snapshot, key: resultKey, createdAt, cached: true };
    });
    this.#options.onResult?.(vertex, solved);
    listener.completed(vertex, { cached: true });
    return solved;
  }

  /** Under the step's key, and under that of its content when it has one. */
  #record(
    vertex: Vertex,
    key: CacheKey,
    content: CacheKey | undefined,
    result: Pick<CacheRecord, "snapshot" | "resultKey" | "durationMs" | "createdAt">,
  ): void {
    const { cache } = this.#solver;
    cache.put({ ...result, ...this.#identity(vertex), key: key.digest, parts: key.parts }, key);
    if (content !== undefined)
      cache.put({ ...result, step: "", place: "", key: content.digest, parts: [] }, content);
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
      if (this.#handler(vertex).lookup === undefined) this.#done.set(vertex.digest, { vertex, key });
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
      this.#record(vertex, key, content, { snapshot, resultKey, durationMs, createdAt });
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
