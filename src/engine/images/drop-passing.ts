import { passingNames } from "../../build/builder.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ImageHost } from "./image-host.ts";

interface PassingParts extends Pick<ImageHost, "containersOf"> {
  readonly images: {
    readonly records: Pick<ImageHost["images"]["records"], "tags" | "tagsOf">;
    untag(reference: string): boolean;
    delete(image: Digest): void;
  };
}

/**
 * Takes away the images that were made only to be brought elsewhere, and whose client died before it did so. Called at
 * start, when no build runs, and with the names and the new images of one build when its client is gone. An image that
 * has another name, or a container, loses the passing name alone.
 */
export function dropPassing(
  { images, containersOf }: PassingParts,
  only?: { readonly names: ReadonlySet<string>; readonly made: ReadonlySet<Digest> },
): void {
  for (const { reference, image } of images.records.tags()) {
    if (!(only?.names.has(reference) ?? reference.startsWith(passingNames))) continue;
    images.untag(reference);
    if (only?.made.has(image) === false) continue;
    if (images.records.tagsOf(image).length === 0 && containersOf(image).length === 0) images.delete(image);
  }
}
