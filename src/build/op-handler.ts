import { digestOf, type Digest } from "../oci/digest.ts";
import type { Op, Vertex } from "./vertex.ts";

/** One thing that went into a cache key. Parts are compared by kind and name when a step has to explain itself. */
export interface KeyPart {
  readonly kind: "operation" | "input" | "argument" | "environment" | "base" | "files" | "option";
  readonly name: string;
  readonly value: string;
  /** What an explanation shows in place of `value`. Not part of the key. */
  readonly shown?: string;
}

/** The files a step reads, by path; kept beside the key, so that a later miss can name what changed. */
export interface FileManifest {
  readonly digest: Digest;
  /** A line a file, ended by NUL: mode, content and path, with tabs between. */
  readonly text: string;
  /** What .dockerignore leaves out, of paths in the text of an earlier one. */
  readonly ignores?: ((path: string) => boolean) | undefined;
}

/** The digest of everything a step depends on, and what that was. */
export interface CacheKey {
  readonly digest: Digest;
  readonly parts: readonly KeyPart[];
  readonly manifest?: FileManifest;
}

/** The key over `parts`, in their order. */
export function cacheKeyOf(parts: readonly KeyPart[], manifest?: FileManifest): CacheKey {
  const digest = digestOf(JSON.stringify(parts.map(({ kind, name, value }) => [kind, name, value])));
  return { digest, parts, ...(manifest !== undefined && { manifest }) };
}

/** A committed snapshot; undefined for the empty filesystem. */
export interface SnapshotRef {
  readonly snapshot: string | undefined;
}

/** What a step has while it runs. `signal` ends it; output goes to `log`. */
export interface StepContext {
  readonly signal: AbortSignal;
  readonly vertex: Vertex;
  /** Nothing of earlier builds may be made use of (`--no-cache`). */
  readonly isFresh: boolean;
  log(stream: "stdout" | "stderr", data: string): void;
  progress(text: string, current?: number, total?: number): void;
}

/** How one kind of operation is keyed and carried out. The solver knows operations only through this. */
export interface OpHandler<O extends Op> {
  /** `inputKeys` stand beside the vertex's inputs. Cheap: it is asked for every step of every build. */
  cacheKey(op: O, inputKeys: readonly Digest[], context: StepContext): Promise<CacheKey>;
  /**
   * A key of content alone, asked when the cheap one missed and the inputs are there: a COPY of files that an
   * earlier step made again just the same is a hit by it.
   */
  contentKey?(
    op: O,
    inputs: readonly SnapshotRef[],
    inputKeys: readonly Digest[],
    c: StepContext,
  ): Promise<CacheKey | undefined>;
  /** Whether {@link contentKey} may say something of the operation. Default: that there is one. */
  hasContentKey?(op: O): boolean;
  /** What stands already for the key without a record of the solver's: an image unpacked before. */
  lookup?(op: O): Promise<SnapshotRef | undefined>;
  /** Makes the committed snapshot. Leaves nothing behind when it throws. */
  exec(op: O, inputs: readonly SnapshotRef[], context: StepContext): Promise<SnapshotRef>;
}

/** A handler for every kind of operation. */
export type OpHandlers = { readonly [K in Op["kind"]]: OpHandler<Extract<Op, { kind: K }>> };
