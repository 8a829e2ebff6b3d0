import type { FileContentStore } from "../content/file-content-store.ts";
import { isCode } from "../errors.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Leases } from "../state/leases.ts";
import type { LayerStore } from "./layer-store.ts";

const keepFor = 24 * 60 * 60 * 1000;

/**
 * At the start of an engine, before anything is in flight: no lease of an earlier run holds anything, no layer is
 * said to be held whose snapshot is lost, and of unfinished writes only downloads of the last day stay, to be resumed.
 * Call {@link collectGarbage} after it.
 */
export async function cleanStart(
  parts: {
    readonly leases: Leases;
    readonly content: Pick<FileContentStore, "dropIngests">;
    readonly layers: LayerStore;
    readonly snapshotter: Pick<Snapshotter, "stat">;
  },
  now: Date,
): Promise<void> {
  const { leases, content, layers, snapshotter } = parts;
  leases.clear();
  for (const { snapshot } of layers.list()) {
    await snapshotter.stat(snapshot).catch((error: unknown) => {
      if (!isCode(error, "not_found")) throw error;
      layers.deleteBySnapshot(snapshot);
    });
  }
  await content.dropIngests(
    ({ ref, changedAt }) => ref.startsWith("blob/") && now.getTime() - changedAt.getTime() < keepFor,
  );
}
