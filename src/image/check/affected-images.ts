import { imageLabel } from "../image-label.ts";
import type { ImageRecord } from "../image-records.ts";
import { markImages, type Marked } from "../mark.ts";
import type { CheckParts } from "./check-parts.ts";

/** So many names are told. */
const most = 5;

/** The images for which `needs` holds, by name, the way a sentence has them: `app:1, app:2 and 3 more`; `""` for none. */
export async function affectedImages(parts: CheckParts, needs: (marked: Marked) => boolean): Promise<string> {
  const { records } = parts.images;
  const names: string[] = [];
  for (const image of records.list()) {
    if (needs(await markOne(parts, image))) names.push(imageLabel(records, image));
  }
  const told = names.slice(0, most).join(", ");
  return names.length > most ? `${told} and ${names.length - most} more` : told;
}

/** What can be found out of an image's needs, though some of it may be what is damaged. */
async function markOne(parts: CheckParts, image: ImageRecord): Promise<Marked> {
  const tags = parts.images.records.tagsOf(image.id);
  try {
    return await markImages({ ...parts, records: { list: () => [image], tags: () => tags } });
  } catch {
    return { blobs: new Set([image.id, image.manifest.digest]), snapshots: new Set() };
  }
}
