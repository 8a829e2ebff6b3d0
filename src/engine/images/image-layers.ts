import { LayerLister } from "../../image/listing/layer-lister.ts";
import type { LayerEntry } from "../../image/listing/layer-entry.ts";
import { LayerTree } from "../../image/listing/layer-tree.ts";
import { wastedFiles } from "../../image/listing/wasted-files.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { ImageLayer, ImageLayers } from "../types/image-layers.ts";
import { openImage, type Auths, type OpenedImage, type OpenedLayer } from "./open-image.ts";
import type { ImageHost } from "./image-host.ts";
import type { Stores } from "../open-stores.ts";

/** What looking into layers takes. */
export interface ListingParts {
  readonly images: ImageHost;
  readonly stores: Pick<Stores, "layers" | "snapshotter" | "leases">;
}

const shownFiles = 1000;

/** The layers of an image with what later layers hide of them. Reads a remote image's layers, but keeps nothing. */
export async function imageLayers(
  parts: ListingParts,
  name: string,
  options: CallOptions & { auths?: Auths } = {},
): Promise<ImageLayers> {
  const image = await openImage(parts.images, name, options);
  return layersDocument(image, await listLayers(parts, image, options));
}

/** What an image's layers say of each name, bottom layer first. */
export async function listLayers(
  parts: ListingParts,
  image: OpenedImage,
  { signal }: CallOptions,
): Promise<LayerEntry[][]> {
  await using lister = new LayerLister(parts.stores);
  const listings: LayerEntry[][] = [];
  for (const layer of image.layers) listings.push(await lister.list(layer, image.from, { signal }));
  return listings;
}

/** Pure. */
function layersDocument(image: OpenedImage, listings: readonly (readonly LayerEntry[])[]): ImageLayers {
  const tree = new LayerTree();
  for (const entries of listings) tree.add(entries);
  const wasted = wastedFiles(tree);
  const wastedBy = new Map<number, number>();
  for (const { layer, bytes } of wasted) wastedBy.set(layer, (wastedBy.get(layer) ?? 0) + bytes);
  const layers = image.layers.map((layer, at) =>
    layerDocument(layer, at, listings[at] ?? [], wastedBy.get(at) ?? 0),
  );
  return {
    Id: image.id,
    Name: image.name,
    Size: layers.reduce((sum, { Size }) => sum + Size, 0),
    Wasted: wasted.reduce((sum, { bytes }) => sum + bytes, 0),
    Layers: layers,
    WastedFiles: wasted.slice(0, shownFiles).map(({ path, bytes, layer, by }) => ({
      Path: path,
      Size: bytes,
      Layer: layer + 1,
      HiddenBy: by + 1,
    })),
  };
}

function layerDocument(
  layer: OpenedLayer,
  at: number,
  entries: readonly LayerEntry[],
  wasted: number,
): ImageLayer {
  const count = (wanted: (entry: LayerEntry) => boolean): number => entries.filter(wanted).length;
  const isHiding = ({ kind }: LayerEntry) => kind === "whiteout" || kind === "opaque";
  const directories = count(({ kind }) => kind === "directory");
  const deletes = count(isHiding);
  return {
    Index: at + 1,
    DiffID: layer.diffID,
    Digest: layer.blob.digest,
    BlobSize: layer.blob.size,
    CreatedBy: layer.createdBy,
    Created: layer.created,
    Size: contentBytes(entries),
    Files: entries.length - directories - deletes,
    Directories: directories,
    Deletes: deletes,
    Wasted: wasted,
  };
}

/** Bytes in the files of a listing; further names of a file count nothing. */
export function contentBytes(entries: readonly LayerEntry[]): number {
  return entries.reduce((sum, { size, link }) => sum + (link === undefined ? size : 0), 0);
}
