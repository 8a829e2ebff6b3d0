import { chainID, parseDiffID, type Digest } from "../oci/digest.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import type { LayerStore } from "./layer-store.ts";

/** One step of an image's making, as the Engine API shows it. `Created` in seconds since the epoch, `Size` in bytes. */
export interface HistoryItem {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Tags: string[] | null;
  readonly Size: number;
  readonly Comment: string;
}

/** Bytes in each layer's own regular files, bottom first, as Docker counts; undefined for one that is not unpacked here. */
export function knownLayerSizes(
  config: ImageConfig,
  layers: Pick<LayerStore, "get">,
): (number | undefined)[] {
  const diffIDs = config.rootfs.diff_ids.map(parseDiffID);
  return diffIDs.map((_, at) => {
    const chain = chainID(diffIDs.slice(0, at + 1));
    return chain === undefined ? undefined : layers.get(chain)?.contentSize;
  });
}

/** The same with 0 for what is not known. Their sum is the size of the image. */
export function layerSizes(config: ImageConfig, layers: Pick<LayerStore, "get">): number[] {
  return knownLayerSizes(config, layers).map((size) => size ?? 0);
}

/**
 * The history of an image, newest first, as `docker history` shows it: only the newest has an ID and names. Entries
 * without a layer have size 0; layers that the history does not tell of are left out, as Docker does.
 */
export function imageHistory(
  image: { readonly id: Digest; readonly config: ImageConfig; readonly tags: readonly string[] },
  sizes: readonly number[],
): HistoryItem[] {
  let layer = 0;
  const items = (image.config.history ?? []).map((entry) => ({
    Id: "<missing>",
    Created: secondsOf(entry.created),
    CreatedBy: entry.created_by ?? "",
    Tags: null as string[] | null,
    Size: entry.empty_layer === true ? 0 : (sizes[layer++] ?? 0),
    Comment: entry.comment ?? "",
  }));
  const newest = items.at(-1);
  if (newest !== undefined) {
    newest.Id = image.id;
    newest.Tags = image.tags.length === 0 ? null : [...image.tags];
  }
  return items.toReversed();
}

function secondsOf(created: string | undefined): number {
  const ms = Date.parse(created ?? "");
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}
