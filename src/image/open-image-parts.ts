import type { Differ } from "../layer/differ.ts";
import type { ContentStore } from "../oci/content.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Leases } from "../state/leases.ts";
import type { State } from "../state/state.ts";
import { CompressedLayers } from "./compressed-layers.ts";
import { ImageRecords } from "./image-records.ts";
import { ImageStore } from "./image-store.ts";
import { LayerStore } from "./layer-store.ts";
import { LazyLayers } from "./lazy-layers.ts";
import { PushCompressor } from "./push-compressor.ts";
import { snapshotPacker, type TreePacking } from "./snapshot-packer.ts";
import { Unpacker } from "./unpacker.ts";

/** What an engine opens first. */
export interface ImageBase<C extends ContentStore> {
  readonly content: C;
  readonly state: State;
  readonly leases: Leases;
  readonly snapshotter: Snapshotter;
  readonly differ: Differ & TreePacking;
}

/** All that is about images, put together; each part also serves alone. `content` must be the differ's own store. */
export interface ImageParts<C extends ContentStore> extends Omit<ImageBase<C>, "state"> {
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly compressed: CompressedLayers;
  readonly lazy: LazyLayers;
  readonly unpacker: Unpacker;
  readonly compressor: PushCompressor;
}

/** Opens nothing and closes nothing: what `base` holds stays the caller's to close. */
export function openImageParts<C extends ContentStore>(base: ImageBase<C>): ImageParts<C> {
  const { content, state, leases, snapshotter, differ } = base;
  const layers = new LayerStore(state.db);
  const compressed = new CompressedLayers(state.db);
  const pack = snapshotPacker({ snapshotter, differ, leases });
  const lazy = new LazyLayers({ content, layers, compressed, pack });
  const images = new ImageStore({ content, records: new ImageRecords(state.db), lazy });
  const unpacker = new Unpacker({ snapshotter, differ, layers, compressed, leases });
  const compressor = new PushCompressor({ content, images, compressed, lazy });
  return { content, leases, snapshotter, differ, images, layers, compressed, lazy, unpacker, compressor };
}
