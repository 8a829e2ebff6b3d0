import { SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { searchRegistry } from "../../registry/client/search.ts";
import type { SearchOptions } from "../engine.ts";
import { booleanFilter, checkFilters } from "../filters.ts";
import type { ImageSearchItem } from "../types/image.ts";
import type { ImageHost } from "./image-host.ts";
import { registryConfig } from "./pull.ts";

const defaultLimit = 25;
const mostResults = 100;

/**
 * Repositories of a registry: `nginx` on Docker Hub, `localhost:5000/app` on that one. Throws `invalid_argument` for a
 * term, limit or filter that is wrong, `unavailable` when the registry cannot be reached.
 */
export async function searchImages(
  host: Pick<ImageHost, "registries">,
  term: string,
  o: CallOptions & SearchOptions,
): Promise<ImageSearchItem[]> {
  checkFilters(o.filters, ["is-automated", "is-official", "stars"]);
  const limit = o.limit === undefined || o.limit === 0 ? defaultLimit : o.limit;
  if (limit < 1 || limit > mostResults)
    throw new SlipwayError("invalid_argument", `limit ${limit} is outside the range of [1, ${mostResults}]`);
  const { domain, rest } = splitTerm(term);
  const found = await searchRegistry(domain, rest, limit, registryConfig(host, o.auth), o);
  const items = found.map(({ name, description, stars, isOfficial }) => ({
    name,
    description,
    star_count: stars,
    is_official: isOfficial,
    is_automated: false,
  }));
  return items.filter(matches(o)).toSorted((a, b) => b.star_count - a.star_count);
}

/** As in Docker: what stands before the first slash is a registry when it looks like a host. */
function splitTerm(term: string): { domain: string; rest: string } {
  if (term.includes("://")) {
    const why = `invalid repository name: repository name (${term}) should not have a scheme`;
    throw new SlipwayError("invalid_argument", why);
  }
  const slash = term.indexOf("/");
  const first = slash < 0 ? "" : term.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === "localhost";
  const isHub = !isHost || first === "docker.io" || first === "index.docker.io";
  const rest = isHost ? term.slice(slash + 1) : term;
  // Docker Hub's official images are searched by their short names.
  return { domain: isHub ? "docker.io" : first, rest: isHub ? rest.replace(/^library\//, "") : rest };
}

function matches({ filters }: SearchOptions): (item: ImageSearchItem) => boolean {
  const official = booleanFilter(filters, "is-official");
  const automated = booleanFilter(filters, "is-automated");
  const stars = (filters?.["stars"] ?? []).map((text) => {
    if (/^\d+$/.test(text)) return Number(text);
    throw new SlipwayError("invalid_argument", `invalid filter 'stars=${text}'`);
  });
  return (item) =>
    (official === undefined || official === item.is_official) &&
    (automated === undefined || automated === item.is_automated) &&
    stars.every((least) => item.star_count >= least);
}
