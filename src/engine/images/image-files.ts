import type { LayerEntry } from "../../image/listing/layer-entry.ts";
import { layerMarks, type LayerMark } from "../../image/listing/layer-marks.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { ImageFile, ImageFiles } from "../types/image-layers.ts";
import { listLayers, type ListingParts } from "./image-layers.ts";
import { openImage, type Auths } from "./open-image.ts";

/** What each layer of an image does to its files. Reads a remote image's layers, but keeps nothing. */
export async function imageFiles(
  parts: ListingParts,
  name: string,
  options: CallOptions & { auths?: Auths } = {},
): Promise<ImageFiles> {
  const image = await openImage(parts.images, name, options);
  const marks = layerMarks(await listLayers(parts, image, options));
  const layers = marks.map((files, at) => ({ Index: at + 1, Files: files.map(fileDocument) }));
  return { Id: image.id, Name: image.name, Layers: layers };
}

function fileDocument({ entry, change }: LayerMark): ImageFile {
  const { path, kind, size, mode, link, target } = entry;
  return {
    Path: path,
    Change: change,
    Kind: kindOf(kind),
    Size: link === undefined ? size : 0,
    Mode: mode,
    ...(target !== undefined && { Target: target }),
  };
}

/** What hides names is no name itself: marks never have it. */
function kindOf(kind: LayerEntry["kind"]): ImageFile["Kind"] {
  return kind === "whiteout" || kind === "opaque" ? "file" : kind;
}
