import { familiarString, parseReference } from "../oci/reference.ts";
import type { ImageRecord, ImageRecords } from "./image-records.ts";

/** What a person knows an image by: the first of its tags, or the beginning of its ID. */
export function imageLabel(records: Pick<ImageRecords, "tagsOf">, image: ImageRecord): string {
  const [tag] = records.tagsOf(image.id);
  return tag === undefined ? image.id.slice(7, 19) : familiarString(parseReference(tag.reference));
}
