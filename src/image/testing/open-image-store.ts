import { MemoryContentStore } from "../../content/memory-content-store.ts";
import type { ContentStore } from "../../oci/content.ts";
import { Leases } from "../../state/leases.ts";
import { State } from "../../state/state.ts";
import { CompressedLayers } from "../compressed-layers.ts";
import { ImageRecords } from "../image-records.ts";
import { ImageStore } from "../image-store.ts";
import { LayerStore } from "../layer-store.ts";
import { LazyLayers, type PackSnapshot } from "../lazy-layers.ts";

/** An image store and its parts over `content` and a database in memory. For tests. */
export function openImageStore<C extends ContentStore = MemoryContentStore>(
  options: { content?: C; pack?: PackSnapshot } = {},
) {
  const content = options.content ?? new MemoryContentStore();
  const state = State.open(":memory:");
  const layers = new LayerStore(state.db);
  const compressed = new CompressedLayers(state.db);
  const pack =
    options.pack ??
    (() => {
      throw new Error("no snapshots here");
    });
  const lazy = new LazyLayers({ content, layers, compressed, pack });
  const images = new ImageStore({ content, records: new ImageRecords(state.db), lazy });
  const leases = new Leases(state.db);
  const close = (): void => state[Symbol.dispose]();
  return { content, state, layers, compressed, lazy, images, leases, [Symbol.dispose]: close };
}
