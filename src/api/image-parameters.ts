import { SlipwayError } from "../errors.ts";
import { formatPlatform, parsePlatform } from "../oci/platform.ts";
import { familiarName, familiarString, parseReference } from "../oci/reference.ts";
import { isDigest } from "../oci/digest.ts";
import { object, listOf, text } from "./schema.ts";
import { parseJson } from "./json-body.ts";
import type { Query } from "./query.ts";

/** `name` with `tag` (a tag or a digest) in place of the one it may have. Throws `invalid_argument`. */
export function taggedReference(name: string, tag: string | undefined): string {
  const reference = parseReference(name);
  if (tag === undefined) return familiarString(reference);
  const joined = `${familiarName(reference)}${isDigest(tag) ? "@" : ":"}${tag}`;
  return familiarString(parseReference(joined));
}

const platformDocument = object({
  os: text,
  architecture: text,
  variant: text,
  "os.version": text,
  "os.features": listOf(text),
});

/** The `platform` parameter, as `linux/arm64` or as a JSON platform; `linux/arm64/v8` out. Throws `invalid_argument`. */
export function platformParameter(query: Query): string | undefined {
  const value = query.text("platform");
  if (value === undefined) return undefined;
  if (!value.startsWith("{")) return formatPlatform(parsePlatform(value));
  const { os, architecture, ...others } = platformDocument(parseJson(value), "platform");
  if (os === undefined || architecture === undefined) {
    throw new SlipwayError("invalid_argument", `Invalid platform ${value}: os and architecture are required`);
  }
  return formatPlatform({ os, architecture, ...others });
}
