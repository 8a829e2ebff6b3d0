import type { ImageSummary } from "../../../../engine/types/image.ts";
import { shortId } from "../../data/format.ts";

/** A name without what everybody knows: `nginx:latest` for `docker.io/library/nginx:latest`. */
export function familiar(name: string): string {
  return name.replace(/^docker\.io\/(library\/)?/, "");
}

/** What to call an image: its first tag, else its ID. */
export function imageTitle({ RepoTags, Id }: Pick<ImageSummary, "RepoTags" | "Id">): string {
  const tag = (RepoTags ?? []).find((name) => name !== "<none>:<none>");
  return tag === undefined ? shortId(Id) : familiar(tag);
}
