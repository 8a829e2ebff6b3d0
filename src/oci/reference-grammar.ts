import { SlipwayError } from "../errors.ts";
import { isDigest, type Digest } from "./digest.ts";

const alphanumeric = "[a-z0-9]+";
const pathComponent = `${alphanumeric}(?:(?:\\.|_|__|-+)${alphanumeric})*`;
const path = `${pathComponent}(?:/${pathComponent})*`;
const label = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const host = `(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])`;
const domain = `${host}(?::[0-9]+)?`;
const name = `(?:${domain}/)?${path}`;
const tag = "\\w[\\w.-]{0,127}";
const digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";

const referencePattern = new RegExp(`^(${name})(?::(${tag}))?(?:@(${digest}))?$`);
const namePattern = new RegExp(`^(?:(${domain})/)?(${path})$`);
const digestPattern = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
const domainPattern = new RegExp(`^${domain}$`);
const tagPattern = new RegExp(`^${tag}$`);
const maxPathLength = 255;
/** Room for the longest host, path, tag and digest; more is not even looked at. */
const maxLength = 2048;

/** The parts of a reference as written: without a default domain, path prefix or tag. */
export interface ReferenceParts {
  readonly domain?: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/**
 * Takes a reference apart by the grammar alone (distribution-spec, "Pulling manifests", and the grammar of
 * distribution/reference). Throws `invalid_argument` with Docker's wording.
 */
export function splitReference(text: string): ReferenceParts {
  if (text.length > maxLength) throw invalid("invalid reference format");
  const match = referencePattern.exec(text);
  if (match === null) throw invalid(noMatchReason(text));
  const [, domain, path = ""] = namePattern.exec(match[1] ?? "") ?? [];
  if (path.length > maxPathLength)
    throw invalid(`repository name must not be more than ${maxPathLength} characters`);
  return {
    ...(domain !== undefined && { domain }),
    path,
    ...(match[2] !== undefined && { tag: match[2] }),
    ...(match[3] !== undefined && { digest: checkDigest(match[3]) }),
  };
}

/** Whether it can be a tag (distribution-spec, "Pulling manifests"). */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** Whether `text` can be a registry's host, with or without a port. */
export function isDomain(text: string): boolean {
  return domainPattern.test(text);
}

function noMatchReason(text: string): string {
  if (text === "") return "repository name must have at least one component";
  return referencePattern.test(text.toLowerCase())
    ? "repository name must be lowercase"
    : "invalid reference format";
}

function checkDigest(text: string): Digest {
  if (isDigest(text)) return text;
  if (!digestPattern.test(text)) throw invalid("invalid checksum digest format");
  const [algorithm, hex = ""] = text.split(":");
  const length = algorithm === "sha256" ? 64 : algorithm === "sha512" ? 128 : undefined;
  if (length === undefined) throw invalid("unsupported digest algorithm");
  throw invalid(hex.length === length ? "invalid checksum digest format" : "invalid checksum digest length");
}

function invalid(reason: string): SlipwayError {
  return new SlipwayError("invalid_argument", reason);
}
