import { canonicalString, parseReference, repositoryName, withDefaultTag } from "../oci/reference.ts";

/**
 * The name records are kept under: `nginx` is `docker.io/library/nginx:latest`. With a digest the tag is dropped, for
 * the digest alone decides. Throws `invalid_argument`.
 */
export function normalise(ref: string): { reference: string; isDigestReference: boolean } {
  const parsed = parseReference(ref);
  if (parsed.digest !== undefined) {
    return { reference: `${repositoryName(parsed)}@${parsed.digest}`, isDigestReference: true };
  }
  return { reference: canonicalString(withDefaultTag(parsed)), isDigestReference: false };
}
