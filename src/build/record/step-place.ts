import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { baseOf, stepsOf } from "../export-image.ts";
import type { Solved } from "../solving.ts";
import type { StepProcess, Vertex } from "../vertex.ts";

/** Where the result of a recorded step is, and what a process gets there. Whether it still is, is for the reader to ask. */
export interface StepPlace extends StepProcess {
  /** Manifest of the base; undefined when the stage began with nothing. */
  readonly base?: Descriptor;
  /** What was put on it, bottom first. */
  readonly snapshots: readonly string[];
  /** The step's cache key: build arguments are in the cache's record alone. */
  readonly key?: Digest;
  /** The step has no result of its own: this is what it began with. */
  readonly isBefore?: boolean;
}

/**
 * The places of a plan's steps, by vertex, as far as the build came. One that failed has the place it began at. Pure.
 */
export function stepPlaces(
  vertices: readonly Vertex[],
  results: ReadonlyMap<Digest, Solved>,
): Map<string, StepPlace> {
  const places = new Map<string, StepPlace>();
  for (const vertex of vertices) {
    const place = placeOf(vertex, results);
    if (place !== undefined) places.set(vertex.digest, place);
  }
  return places;
}

/** Undefined for a vertex that is no step of a stage, or whose ground was not made. */
export function placeOf(vertex: Vertex, results: ReadonlyMap<Digest, Solved>): StepPlace | undefined {
  if (vertex.process === undefined) return undefined;
  const own = results.get(vertex.digest);
  const chain = stepsOf(vertex).slice(0, own === undefined ? -1 : undefined);
  const steps = chain.filter(({ op }) => op.kind !== "image");
  const snapshots = steps.flatMap(({ digest }) => results.get(digest)?.snapshot ?? []);
  if (snapshots.length !== steps.length) return undefined;
  const base = baseOf(chain);
  return {
    ...vertex.process,
    ...(base !== undefined && { base }),
    snapshots,
    ...(own === undefined ? { isBefore: true } : { key: own.key }),
  };
}
