import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../engine/engine.ts";
import { isCode } from "../../errors.ts";
import type { StatsRow } from "../format/listings/stats.ts";
import { listNames, type SampleOptions } from "./sample-once.ts";

const drawMs = 500;
/** How often new containers are looked for, when none were named. */
const lookMs = 1000;

/**
 * Draws the samples of the containers twice a second until the signal aborts, or until every container that was named
 * is gone. Throws for a name that means none.
 */
export async function watchStats(
  engine: Pick<Engine, "containers" | "resources">,
  names: readonly string[],
  o: SampleOptions & { draw: (rows: readonly StatsRow[]) => void },
): Promise<void> {
  for (const name of names) await engine.containers.inspect(name, { signal: o.signal });
  const stop = new AbortController();
  const signal = AbortSignal.any([o.signal, stop.signal]);
  const rows = new Map<string, StatsRow>();
  const follow = (name: string) => void followOne(engine, rows, name, signal);
  try {
    names.forEach(follow);
    let looked = 0;
    while (!o.signal.aborted) {
      if (names.length === 0 && Date.now() - looked >= lookMs) {
        looked = Date.now();
        for (const name of await listNames(engine, o)) if (!rows.has(name)) follow(name);
      }
      await pause(drawMs, o.signal);
      if (names.length > 0 && rows.size === 0) return;
      if (!o.signal.aborted)
        o.draw([...rows.values()].filter((row) => isShown(row, o.all || names.length > 0)));
    }
  } finally {
    stop.abort();
  }
}

async function followOne(
  { resources }: Pick<Engine, "resources">,
  rows: Map<string, StatsRow>,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  rows.set(name, { asked: name, stats: undefined });
  try {
    for await (const stats of resources.stats(name, { signal })) rows.set(name, { asked: name, stats });
  } catch (error) {
    if (!signal.aborted && !isCode(error, "not_found")) throw error;
  } finally {
    rows.delete(name);
  }
}

/** What ended is left out, unless it was asked for. */
function isShown({ stats }: StatsRow, all: boolean): boolean {
  return all || stats === undefined || !stats.read.startsWith("0001-");
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
