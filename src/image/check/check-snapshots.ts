import type { CheckParts } from "./check-parts.ts";
import type { Problem } from "./problem.ts";

/**
 * Snapshots whose files are gone, and directories without a snapshot. Comes after the layers, which can be unpacked again:
 * what is still gone then is lost, with what stands on it.
 */
export async function* checkSnapshots({ snapshotter, layers, state }: CheckParts): AsyncGenerator<Problem> {
  const layered = new Set(layers.list().map(({ snapshot }) => snapshot));
  const infos = await Array.fromAsync(snapshotter.list());
  for (const { key, kind } of infos) {
    if (layered.has(key) || kind !== "committed" || !isGone(snapshotter, key)) continue;
    const run = async () => void snapshotter.dropGone();
    const what = `Snapshot "${key}": its files are gone`;
    yield { kind: "snapshot", what, repair: { how: "forget it and what stands on it", run } };
  }
  const rows = state.db.all<{ key: string; snapshot: string }>(
    "SELECT key, snapshot FROM build_cache WHERE snapshot NOT IN (SELECT key FROM snapshots)",
  );
  for (const { key, snapshot } of rows) {
    const run = async () => void state.db.run("DELETE FROM build_cache WHERE key = ?", key);
    const what = `Build step "${key}" has no snapshot "${snapshot}"`;
    yield { kind: "build-cache", what, repair: { how: "forget the step", run } };
  }
  for (const name of await snapshotter.strays()) {
    const what = `"snapshots/${name}" belongs to no snapshot`;
    if (!/^\d+$/.test(name)) yield { kind: "leftover", what, advice: "remove it if it is nothing of yours" };
    else {
      const run = () => snapshotter.removeStray(name);
      yield { kind: "leftover", what, repair: { how: "remove it", run } };
    }
  }
}

/** One that was removed meanwhile is none that is wrong. */
function isGone(snapshotter: CheckParts["snapshotter"], key: string): boolean {
  try {
    return snapshotter.isGone(key);
  } catch {
    return false;
  }
}
