import type { FileContentStore } from "../../content/file-content-store.ts";
import type { OverlayDiffer } from "../../layer/overlay-differ.ts";
import type { OverlaySnapshotter } from "../../snapshot/overlay-snapshotter.ts";
import type { Leases } from "../../state/leases.ts";
import type { State } from "../../state/state.ts";
import type { CompressedLayers } from "../compressed-layers.ts";
import type { ImageStore } from "../image-store.ts";
import type { LayerStore } from "../layer-store.ts";
import type { LazyLayers } from "../lazy-layers.ts";
import type { Unpacker } from "../unpacker.ts";

/** The stores that are checked: those on the disk, for only there something gets lost. */
export interface CheckParts {
  readonly content: FileContentStore;
  readonly state: State;
  readonly leases: Leases;
  readonly snapshotter: OverlaySnapshotter;
  readonly differ: OverlayDiffer;
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly compressed: CompressedLayers;
  readonly lazy: LazyLayers;
  readonly unpacker: Unpacker;
}
