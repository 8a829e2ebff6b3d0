import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { LayerStore } from "./layer-store.ts";

/** Finds out the content size of layers that came to the store before it was kept. Those whose files are gone stay. */
export async function measureLayers(parts: {
  readonly layers: LayerStore;
  readonly snapshotter: Pick<Snapshotter, "usage">;
}): Promise<void> {
  for (const { chainID, snapshot, contentSize } of parts.layers.list()) {
    if (contentSize !== undefined) continue;
    const usage = await parts.snapshotter.usage(snapshot).catch(() => undefined);
    if (usage !== undefined) parts.layers.setContentSize(chainID, usage.contentBytes);
  }
}
