import { SlipwayError } from "../errors.ts";
import { goMatch } from "../internal/go-match.ts";
import { isDigest, type Digest } from "./digest.ts";
import { splitReference } from "./reference-grammar.ts";

const defaultDomain = "docker.io";
const legacyDefaultDomain = "index.docker.io";
const officialPrefix = "library/";
const defaultTag = "latest";

/**
 * A normalised image reference: `nginx` is domain `docker.io`, path `library/nginx`. Tag and digest are there when
 * the text had them; {@link withDefaultTag} adds `latest`.
 */
export interface Reference {
  /** Host and perhaps port of the registry: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** The repository within the registry: `library/nginx`. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/**
 * Parses what a user types for an image and normalises it as Docker does: a first part without dot, colon or
 * capital, other than `localhost`, is no registry, and Docker Hub is meant. Throws `invalid_argument` with Docker's
 * wording; an image ID (64 hex digits) is no reference.
 */
export function parseReference(text: string): Reference {
  if (isIdentifier(text))
    throw new SlipwayError(
      "invalid_argument",
      `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`,
    );
  const { domain, rest } = splitDomain(text);
  const [repository = ""] = rest.split(":", 1);
  if (repository.toLowerCase() !== repository)
    throw new SlipwayError(
      "invalid_argument",
      `invalid reference format: repository name (${repository}) must be lowercase`,
    );
  const parts = splitReference(`${domain}/${rest}`);
  if (parts.domain === undefined) throw new SlipwayError("invalid_argument", "invalid reference format");
  return { ...parts, domain: parts.domain };
}

/**
 * What `docker inspect` and `rmi` take: a digest, an image ID of 64 hex digits, or a reference. Throws as
 * {@link parseReference}.
 */
export function parseAnyReference(text: string): { digest: Digest } | { reference: Reference } {
  if (isIdentifier(text)) return { digest: `sha256:${text}` as Digest };
  return isDigest(text) ? { digest: text } : { reference: parseReference(text) };
}

/** The reference with tag `latest` when it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  const named = reference.tag === undefined && reference.digest === undefined;
  return named ? { ...reference, tag: defaultTag } : reference;
}

/** The reference to pull: a digest wins over a tag, and without either it is `latest`. */
export function pullReference(reference: Reference): Reference {
  if (reference.digest === undefined) return withDefaultTag(reference);
  const { domain, path, digest } = reference;
  return { domain, path, digest };
}

/** `docker.io/library/nginx`: registry and repository, without tag and digest. */
export function repositoryName(reference: Reference): string {
  return `${reference.domain}/${reference.path}`;
}

/** `docker.io/library/nginx:1.27@sha256:…`: everything spelled out. Records are kept under this name. */
export function canonicalString(reference: Reference): string {
  return repositoryName(reference) + suffix(reference);
}

/** `nginx`, `user/app`, `localhost:5000/app`: the name as Docker shows it, without tag and digest. */
export function familiarName(reference: Reference): string {
  const { domain, path } = reference;
  if (domain !== defaultDomain) return `${domain}/${path}`;
  const short = path.startsWith(officialPrefix) ? path.slice(officialPrefix.length) : path;
  return short.includes("/") ? path : short;
}

/** `nginx:1.27`: the reference as Docker shows it. */
export function familiarString(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/** Whether a shell pattern matches the familiar name, with or without tag (`docker images 'ng*'`). */
export function familiarMatch(pattern: string, reference: Reference): boolean {
  return goMatch(pattern, familiarString(reference)) || goMatch(pattern, familiarName(reference));
}

function suffix({ tag, digest }: Reference): string {
  return (tag === undefined ? "" : `:${tag}`) + (digest === undefined ? "" : `@${digest}`);
}

function isIdentifier(text: string): boolean {
  return /^[a-f0-9]{64}$/.test(text);
}

function splitDomain(text: string): { domain: string; rest: string } {
  const slash = text.indexOf("/");
  if (slash === -1) return { domain: defaultDomain, rest: officialPrefix + text };
  const first = text.slice(0, slash);
  const rest = text.slice(slash + 1);
  const isHost = first === "localhost" || /[.:]/.test(first) || first.toLowerCase() !== first;
  if (!isHost) return { domain: defaultDomain, rest: text };
  const domain = first === legacyDefaultDomain ? defaultDomain : first;
  return { domain, rest: domain === defaultDomain && !rest.includes("/") ? officialPrefix + rest : rest };
}
