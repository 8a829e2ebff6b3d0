import type { Engine } from "../../engine/engine.ts";
import type { ContainerStats } from "../../engine/types/stats.ts";
import type { StatsRow } from "../format/listings/stats.ts";

export interface SampleOptions {
  /** Without names: containers that do not run as well. */
  readonly all: boolean;
  readonly signal: AbortSignal;
}

/** One sample of each container: of those named, or of all. Throws for a name that means none. */
export async function sampleOnce(
  engine: Pick<Engine, "containers" | "resources">,
  names: readonly string[],
  o: SampleOptions,
): Promise<StatsRow[]> {
  const asked = names.length > 0 ? names : await listNames(engine, o);
  return await Promise.all(
    asked.map(async (name) => {
      const samples = engine.resources.stats(name, { stream: false, signal: o.signal });
      return { asked: name, stats: await firstOf(samples) };
    }),
  );
}

async function firstOf(samples: AsyncIterable<ContainerStats>): Promise<ContainerStats | undefined> {
  for await (const stats of samples) return stats;
  return undefined;
}

/** IDs, short as `ps` shows them. */
export async function listNames(
  { containers }: Pick<Engine, "containers">,
  { all, signal }: SampleOptions,
): Promise<string[]> {
  return (await containers.list({ all, signal })).map(({ Id }) => Id.slice(0, 12));
}
