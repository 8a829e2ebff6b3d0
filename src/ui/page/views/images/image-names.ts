import type { ImageSummary } from "../../../../engine/types/image.ts";
import { shortId } from "../../data/format.ts";

/** A name without what everybody knows: `nginx:latest` for `docker.io/library/nginx:latest`. */
export function familiar(name: string): string {
  return name.replace(/^docker\.io\/(library\/)?/, "");
}

/** What to call an image: its shortest tag, for longer ones begin with a registry's address; else its ID. */
export function imageTitle({ RepoTags, Id }: Pick<ImageSummary, "RepoTags" | "Id">): string {
  const tags = (RepoTags ?? []).filter((name) => name !== "<none>:<none>").map(familiar);
  return tags.toSorted((a, b) => a.length - b.length)[0] ?? shortId(Id);
}
