/** What a build graph is solved with, what is said meanwhile, and what comes out. */
import type { Digest } from "../oci/digest.ts";
import type { CacheRecord } from "./cache.ts";
import type { OpHandlers, SnapshotRef } from "./op-handler.ts";
import type { Vertex } from "./vertex.ts";

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

/** A result that was there already. */
export function fromRecord(record: CacheRecord): Solved {
  return { snapshot: record.snapshot, key: record.resultKey, createdAt: record.createdAt, cached: true };
}
