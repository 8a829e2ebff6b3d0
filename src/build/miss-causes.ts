import type { Digest } from "../oci/digest.ts";
import type { BuildCache } from "./cache.ts";
import { explainMiss } from "./explain.ts";
import type { CacheKey } from "./op-handler.ts";
import type { Vertex } from "./vertex.ts";

/** What tells a later build which step a record is of, and where it stood. */
export function stepIdentity(vertex: Vertex, project: string): { step: string; place: string } {
  return {
    step: `${project}\n${vertex.stage ?? ""}\n${vertex.text}`,
    place: `${project}\n${vertex.place}`,
  };
}

/** The option that keeps the step from being a hit. */
export function refusal(
  { stage }: Vertex,
  { noCache, noCacheStages }: { readonly noCache: boolean; readonly noCacheStages?: ReadonlySet<string> },
): string | undefined {
  if (noCache) return "--no-cache";
  return stage !== undefined && noCacheStages?.has(stage) === true ? `--no-cache-filter ${stage}` : undefined;
}

/** Why the step is no hit. `missed`: the steps of this build that were none either. Never empty. */
export function missCauses(
  cache: BuildCache,
  vertex: Vertex,
  key: CacheKey,
  about: {
    readonly refusal: string | undefined;
    readonly project: string;
    readonly missed: ReadonlySet<Digest>;
  },
): string[] {
  if (about.refusal !== undefined) return [about.refusal];
  const collected = cache.collected(key.digest);
  if (collected !== undefined && cache.get(key.digest) === undefined) return [collected];
  const { step, place } = stepIdentity(vertex, about.project);
  return explainMiss({
    key,
    sameStep: cache.seen.ofStep(step),
    samePlace: cache.seen.atPlace(place),
    manifest: (digest) => cache.manifest(digest),
    missedInputs: vertex.inputs.filter((input) => about.missed.has(input.digest)).map(stepNumber),
  });
}

/** `4/7` or `build 4/7` out of `[build 4/7] RUN …`. */
function stepNumber(vertex: Vertex): string {
  return /^\[(.+?)\]/.exec(vertex.name)?.[1]?.replace(/\s+/g, " ").trim() ?? vertex.name;
}
