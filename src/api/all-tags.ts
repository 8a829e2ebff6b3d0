import type { ImageService } from "../engine/engine.ts";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { parseReference, repositoryName } from "../oci/reference.ts";

/** The reference itself when it names a tag or digest, else every local tag of its repository. Throws `not_found`. */
export async function allTagsOf(
  images: Pick<ImageService, "list">,
  reference: string,
  o: CallOptions,
): Promise<string[]> {
  const wanted = parseReference(reference);
  if (wanted.tag !== undefined || wanted.digest !== undefined) return [reference];
  const listed = (await images.list(o)).flatMap((image) => image.RepoTags);
  const tags = listed.filter(
    (tag) => !tag.includes("<none>") && repositoryName(parseReference(tag)) === repositoryName(wanted),
  );
  if (tags.length === 0) {
    throw new SlipwayError("not_found", `An image does not exist locally with the tag: ${reference}`);
  }
  return tags.toSorted();
}
