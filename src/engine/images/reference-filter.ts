import { familiarMatch, parseReference } from "../../oci/reference.ts";
import type { ImageSummary } from "../types/image.ts";

/** `reference=busy*`: a pattern on the familiar name, with or without tag. Pure. */
export function referenceMatches(pattern: string, image: ImageSummary): boolean {
  const names = [...image.RepoTags, ...image.RepoDigests];
  return names.some((name) => familiarMatch(pattern, parseReference(name)));
}
