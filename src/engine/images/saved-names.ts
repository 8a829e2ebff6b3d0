import { passingNames } from "../../build/builder.ts";
import type { SavedImage } from "../../image/archive/save-archive.ts";
import { isDigest } from "../../oci/digest.ts";
import { canonicalString, parseReference, repositoryName, withDefaultTag } from "../../oci/reference.ts";
import type { ImageHost } from "./image-host.ts";

/** What a name stands for in `save`: a repository alone for all its tags, as in Docker. Throws `not_found`. */
export function savedBy(host: ImageHost, name: string): SavedImage[] {
  const repository = repositoryOf(name);
  const tags = host.images.records
    .tags()
    .filter(({ reference }) => repositoryName(parseReference(reference)) === repository);
  if (tags.length === 0) return [savedAs(host, name)];
  return tags.map(({ reference, target }) => ({ descriptor: target, references: [reference] }));
}

/** The one image that a name means; an ID gives it no tag. Throws `not_found`. */
export function savedAs(host: ImageHost, name: string): SavedImage {
  const { records } = host.images;
  const record = host.images.get(name);
  const byId = isDigest(name) || record.id.slice("sha256:".length).startsWith(name);
  const references = byId ? [] : [canonicalString(withDefaultTag(parseReference(name)))];
  const target = references[0] === undefined ? undefined : records.tag(references[0])?.target;
  // A name that a build gave for the while is nobody's.
  const lasting = references.filter((reference) => !reference.startsWith(passingNames));
  return { descriptor: target ?? record.manifest, references: lasting };
}

/** Undefined for what is no repository alone: it has a tag or a digest, or is no reference. */
function repositoryOf(name: string): string | undefined {
  if (isDigest(name)) return undefined;
  try {
    const reference = parseReference(name);
    const isBare = reference.tag === undefined && reference.digest === undefined;
    return isBare ? repositoryName(reference) : undefined;
  } catch {
    return undefined;
  }
}
