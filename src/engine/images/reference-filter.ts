import { familiarMatch, parseReference } from "../../oci/reference.ts";
import type { ImageSummary } from "../types/image.ts";

/**
 * `reference=busy*`: patterns on the familiar name, with or without tag. The image with the names that one of them
 * fits, or nothing; without patterns as it is. Pure.
 */
export function withMatchingNames(
  patterns: readonly string[] | undefined,
  image: ImageSummary,
): ImageSummary[] {
  if (patterns === undefined || patterns.length === 0) return [image];
  const fits = (name: string) => {
    const reference = parseReference(name);
    return patterns.some((pattern) => familiarMatch(pattern, reference));
  };
  const RepoTags = image.RepoTags.filter(fits);
  const RepoDigests = image.RepoDigests.filter(fits);
  return RepoTags.length + RepoDigests.length === 0 ? [] : [{ ...image, RepoTags, RepoDigests }];
}
