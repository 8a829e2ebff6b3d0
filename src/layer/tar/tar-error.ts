import { SlipwayError } from "../../errors.ts";

/** The archive breaks the format: `Invalid tar header: checksum`. */
export function tarError(what: string): SlipwayError {
  return new SlipwayError("invalid_argument", `Invalid tar header: ${what}`);
}

/** The archive ends inside an entry. */
export function truncatedTar(): SlipwayError {
  return new SlipwayError("invalid_argument", "Unexpected end of tar archive");
}
