import { readdir } from "node:fs/promises";
import type { Problem } from "../../../image/check/problem.ts";

const known = new Set([
  "builds",
  "cache-mounts",
  "containers",
  "content",
  "engine-id",
  "events.log",
  "events.log.1",
  "lock",
  "mount-points",
  "snapshots",
  "state.db",
  "state.db-reserve",
  "state.db-shm",
  "state.db-wal",
  "volumes",
]);

/** Names in the root that are nothing of the engine's: they are told of, and left to whoever put them there. */
export async function* checkRoot(root: string): AsyncGenerator<Problem> {
  for (const name of await readdir(root)) {
    if (known.has(name) || name.startsWith("engine.log") || name.startsWith("lost+found")) continue;
    yield {
      kind: "leftover",
      what: `"${name}" is nothing of the engine's`,
      advice: "remove it if you know it",
    };
  }
}
