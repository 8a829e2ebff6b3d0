import type { Digest } from "../oci/digest.ts";
import type { BuildCache, CacheRecord } from "./cache.ts";
import { missCauses, refusal, stepIdentity } from "./miss-causes.ts";
import type { CacheKey, OpHandler, OpHandlers, StepContext } from "./op-handler.ts";
import type { Op, Vertex } from "./vertex.ts";

export interface PredictOptions {
  readonly cache: BuildCache;
  readonly handlers: OpHandlers;
  readonly hasSnapshot: (snapshot: string) => Promise<boolean>;
  readonly signal: AbortSignal;
  readonly noCache: boolean;
  readonly noCacheStages?: ReadonlySet<string>;
  readonly project: string;
  /** What caches of other engines have (`--cache-from`). */
  readonly remote?:
    | { readonly find: (key: Digest) => { readonly resultKey: Digest } | undefined }
    | undefined;
}

/** What a build would do with a step. */
export interface Prediction {
  readonly vertex: Vertex;
  /**
   * `hit`: its result is here, or in a cache of another engine. `unneeded`: it is not, but what stands on it is. `run`: it would be carried out. `maybe`: that
   * hangs on what an earlier step makes.
   */
  readonly outcome: "hit" | "unneeded" | "run" | "maybe";
  readonly snapshot?: string;
  /** ms the step took when it was last carried out; undefined when it never was. */
  readonly durationMs?: number;
  /** Its result then, which may be gone by now. */
  readonly lastSnapshot?: string;
  readonly causes?: readonly string[];
}

interface Known {
  readonly key?: CacheKey;
  /** What later steps key on; undefined when that is not known before the step was carried out. */
  readonly resultKey?: Digest;
  readonly snapshot?: string;
  readonly isHit: boolean;
  /** Its files are elsewhere. */
  readonly isRemote?: boolean;
}

/** What solving `target` would do, step by step, inputs first; nothing is carried out. */
export async function predict(
  target: Vertex,
  vertices: readonly Vertex[],
  options: PredictOptions,
): Promise<Prediction[]> {
  const known = new Map<Digest, Known>();
  const missed = new Set<Digest>();
  for (const vertex of vertices) {
    options.signal.throwIfAborted();
    const one = await lookUp(vertex, known, options);
    known.set(vertex.digest, one);
    if (!one.isHit) missed.add(vertex.digest);
  }
  const needed = neededFor(target, known);
  return vertices.map((vertex) => prediction(vertex, { known, missed, needed }, options));
}

async function lookUp(
  vertex: Vertex,
  known: ReadonlyMap<Digest, Known>,
  options: PredictOptions,
): Promise<Known> {
  const inputs = vertex.inputs.map((input) => known.get(input.digest));
  const inputKeys = inputs.flatMap((input) => input?.resultKey ?? []);
  if (inputKeys.length !== inputs.length) return { isHit: false };
  const handler = options.handlers[vertex.op.kind] as unknown as OpHandler<Op>;
  const context: StepContext = {
    signal: options.signal,
    vertex,
    isFresh: false,
    log: () => {},
    progress: () => {},
  };
  const key = await handler.cacheKey(vertex.op, inputKeys, context);
  if (handler.lookup !== undefined) {
    const there = await handler.lookup(vertex.op);
    return { key, resultKey: key.digest, isHit: there !== undefined, ...snapshotOf(there) };
  }
  if (refusal(vertex, options) === undefined) {
    const record = (await find(key, options)) ?? (await findByContent());
    if (record !== undefined)
      return { key, resultKey: record.resultKey, isHit: true, snapshot: record.snapshot };
    const there = options.remote?.find(key.digest);
    if (there !== undefined) return { key, resultKey: there.resultKey, isHit: true, isRemote: true };
  }
  return { key, isHit: false, ...(filesOf(vertex) === undefined && { resultKey: key.digest }) };

  async function findByContent(): Promise<CacheRecord | undefined> {
    if (
      handler.contentKey === undefined ||
      filesOf(vertex) === undefined ||
      inputs.some((input) => input?.isHit !== true || input.isRemote === true)
    )
      return undefined;
    const refs = inputs.map((input) => ({ snapshot: input?.snapshot }));
    const content = await handler.contentKey(vertex.op, refs, inputKeys, context);
    return content === undefined ? undefined : await find(content, options);
  }
}

function snapshotOf(there: { readonly snapshot: string | undefined } | undefined): { snapshot?: string } {
  return there?.snapshot === undefined ? {} : { snapshot: there.snapshot };
}

async function find(
  { digest }: CacheKey,
  { cache, hasSnapshot }: PredictOptions,
): Promise<CacheRecord | undefined> {
  const record = cache.get(digest);
  return record !== undefined && (await hasSnapshot(record.snapshot)) ? record : undefined;
}

/** The target, and what a step that is no hit stands on. */
function neededFor(target: Vertex, known: ReadonlyMap<Digest, Known>): Set<Digest> {
  const needed = new Set<Digest>();
  const visit = (vertex: Vertex): void => {
    if (needed.has(vertex.digest)) return;
    needed.add(vertex.digest);
    if (known.get(vertex.digest)?.isHit !== true) for (const input of vertex.inputs) visit(input);
  };
  visit(target);
  return needed;
}

function prediction(
  vertex: Vertex,
  about: {
    readonly known: ReadonlyMap<Digest, Known>;
    readonly missed: ReadonlySet<Digest>;
    readonly needed: ReadonlySet<Digest>;
  },
  options: PredictOptions,
): Prediction {
  const { key, isHit, snapshot } = about.known.get(vertex.digest) ?? { isHit: false };
  if (isHit) return { vertex, outcome: "hit", ...(snapshot !== undefined && { snapshot }) };
  if (!about.needed.has(vertex.digest)) return { vertex, outcome: "unneeded" };
  const { cache, project } = options;
  const { step, place } = stepIdentity(vertex, project);
  const last = cache.lastOfStep(step) ?? cache.lastAtPlace(place);
  const isOpen = key === undefined || isOpenCopy(vertex, about.missed);
  const causes =
    key === undefined
      ? ["it hangs on what an earlier step makes"]
      : missCauses(cache, vertex, key, { refusal: refusal(vertex, options), project, missed: about.missed });
  return {
    vertex,
    outcome: isOpen && refusal(vertex, options) === undefined ? "maybe" : "run",
    ...(last !== undefined && { durationMs: last.durationMs, lastSnapshot: last.snapshot }),
    causes,
  };
}

/** The stage or image that a COPY takes files from: what comes after keys on those. */
function filesOf({ op, inputs }: Vertex): Vertex | undefined {
  return op.kind === "copy" && op.files.from === "input" ? inputs[op.files.input] : undefined;
}

/** Files of a stage that is made anew may turn out the same. */
function isOpenCopy(vertex: Vertex, missed: ReadonlySet<Digest>): boolean {
  const source = filesOf(vertex);
  return source !== undefined && missed.has(source.digest);
}
