import { SlipwayError } from "../../errors.ts";
import { compilePattern } from "../../internal/name-pattern.ts";
import { parseReference } from "../../oci/reference.ts";

/** What is to be kept equal: repositories of one registry, and which of their tags. */
export interface SyncSource {
  /** `registry.example.org:5000` */
  readonly domain: string;
  /** The one repository; undefined: the registry is asked for those that `matches` takes. */
  readonly repository: string | undefined;
  matches(repository: string): boolean;
  /** Undefined: every tag. */
  readonly tags: string | undefined;
}

/**
 * `HOST/REPOSITORY[:TAGS]`, patterns as `compilePattern` has them, or a single repository as `pull` takes it. Throws
 * `invalid_argument`.
 */
export function parseSyncSource(text: string): SyncSource {
  const colon = text.lastIndexOf(":");
  const tagged = colon > text.lastIndexOf("/") && text.includes("/");
  const name = tagged ? text.slice(0, colon) : text;
  const tags = tagged ? text.slice(colon + 1) : undefined;
  if (!/[*?]/.test(name)) {
    const { domain, path } = parseReference(name);
    return { domain, repository: path, matches: (repository) => repository === path, tags };
  }
  const slash = name.indexOf("/");
  const [domain, pattern] = [name.slice(0, Math.max(0, slash)), name.slice(slash + 1)];
  if (!/^[A-Za-z0-9.-]+(:\d+)?$/.test(domain) || !/[.:]|^localhost$/.test(domain))
    throw new SlipwayError("invalid_argument", `"${text}" names no registry before its pattern`);
  return { domain, repository: undefined, matches: compilePattern(pattern), tags };
}

/** `HOST[/PREFIX]`: below it every repository keeps its name. Throws `invalid_argument`. */
export function parseSyncTarget(text: string): { domain: string; prefix: string } {
  const { domain, path } = parseReference(`${text.replace(/\/$/, "")}/x`);
  return { domain, prefix: path.slice(0, -1) };
}
