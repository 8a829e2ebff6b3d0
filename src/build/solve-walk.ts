import type { Digest } from "../oci/digest.ts";
import { errorMessage } from "../errors.ts";
import type { BuildCache, CacheRecord } from "./cache.ts";
import { missCauses, refusal, stepIdentity } from "./miss-causes.ts";
import type { CacheKey, OpHandler, StepContext } from "./op-handler.ts";
import type { StepOfBuild } from "./seen-steps.ts";
import { fromRecord, type RemoteResult, type SolveOptions, type Solved } from "./solving.ts";
import type { Op, Vertex } from "./vertex.ts";

/** What the builds of an engine share, see `Solver`. */
interface SharedSolver {
  readonly cache: BuildCache;
  /** A record whose snapshot still stands, and is held by now. */
  lookup(key: Digest, options: Pick<SolveOptions, "hold">): Promise<CacheRecord | undefined>;
  /** Carries out `work` unless another build does the same right now; then its result counts. */
  once(key: Digest, signal: AbortSignal, work: () => Promise<Solved>): Promise<Solved>;
  /** ms since the epoch */
  now(): number;
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

/**
 * One build's way through its graph: each vertex is keyed, looked for, and carried out only when its result is needed.
 * Lives for one solve; {@link SolveWalk.settled} must be awaited before what it reads and writes goes away.
 */
export class SolveWalk {
  readonly hits: Digest[] = [];
  readonly #done = new Map<Digest, { readonly vertex: Vertex; readonly key: CacheKey }>();
  readonly #solver: SharedSolver;
  readonly #options: SolveOptions;
  readonly #keys = new Map<Digest, Promise<Keyed>>();
  readonly #results = new Map<Digest, Promise<Solved>>();
  readonly #made = new Map<Digest, Promise<Solved>>();
  readonly #missed = new Set<Digest>();

  constructor(solver: SharedSolver, options: SolveOptions) {
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

function memo<T>(map: Map<Digest, Promise<T>>, key: Digest, work: () => Promise<T>): Promise<T> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const promise = work();
  promise.catch(() => undefined);
  map.set(key, promise);
  return promise;
}
