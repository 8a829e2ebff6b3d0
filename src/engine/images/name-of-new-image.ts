import { SlipwayError } from "../../errors.ts";
import { familiarString, parseReference, withDefaultTag } from "../../oci/reference.ts";

/**
 * The name a new image is to have, in its familiar form and with a tag. `verb` is what makes the image, for the message.
 * Throws `invalid_argument` for what is no name, or one with a digest: nobody knows that beforehand.
 */
export function nameOfNewImage(text: string, verb: string): string {
  const reference = parseReference(text);
  if (reference.digest !== undefined)
    throw new SlipwayError("invalid_argument", `cannot ${verb} digest reference`);
  return familiarString(withDefaultTag(reference));
}
