import type { Descriptor } from "./descriptor.ts";
import { isDigest } from "./digest.ts";
import type { JsonReader } from "./json-shape.ts";
import type { Platform } from "./platform.ts";

const typeName = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}";
export const mediaTypePattern = new RegExp(`^${typeName}/${typeName}(?: *;.{0,200})?$`);
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Reads a descriptor (image-spec, descriptor.md). Throws `invalid_argument`. Unknown members are left out. */
export function readDescriptor(json: JsonReader): Descriptor {
  if (json.absent) json.fail("is missing");
  const mediaType = json.member("mediaType").string(mediaTypePattern);
  const digest = json.member("digest").string();
  if (!isDigest(digest)) return json.member("digest").fail("is no sha256 or sha512 digest");
  return {
    mediaType,
    digest,
    size: json.member("size").integer(0),
    ...json.optional("platform", readPlatform),
    ...json.optional("annotations", readAnnotations),
    ...json.optional("artifactType", (item) => item.string(/^$|^[^/]+\/[^.].*$/)),
    ...json.optional("urls", (item) => item.list(readURL)),
    ...json.optional("data", (item) => item.string(base64Pattern)),
  };
}

export function readAnnotations(json: JsonReader): Record<string, string> {
  return json.record((item) => item.string());
}

function readPlatform(json: JsonReader): Platform {
  return {
    os: json.member("os").string(),
    architecture: json.member("architecture").string(),
    ...json.optional("variant", (item) => item.string()),
    ...json.optional("os.version", (item) => item.string()),
    ...json.optional("os.features", (item) => item.list((feature) => feature.string())),
  };
}

function readURL(json: JsonReader): string {
  const url = json.string();
  if (!URL.canParse(url)) json.fail("is no URL");
  return url;
}
