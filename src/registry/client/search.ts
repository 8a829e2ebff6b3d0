import { isCode, SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { listCatalog } from "./catalog.ts";
import { upstreamEndpoint } from "./endpoint.ts";
import { exchangeText, HttpClient } from "./http-client.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { Transport } from "./transport.ts";

/** One repository that a search found. */
export interface SearchResult {
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly isOfficial: boolean;
}

/** Docker Hub's index, which alone has descriptions and stars. */
const hubIndex = "https://index.docker.io/";
const maxAnswer = 8 << 20;
/** A person waits for the answer: one more try is enough. */
const tries = 2;

/**
 * Repositories for `term`, at most `limit`: of Docker Hub by its search (`GET /v1/search`), of other registries by the
 * same, or else those in their catalog whose names contain the term. Throws `unavailable` when the registry cannot be
 * reached, `unauthorized`.
 */
export async function searchRegistry(
  domain: string,
  term: string,
  limit: number,
  config: RegistryConfig = {},
  options: CallOptions = {},
): Promise<SearchResult[]> {
  const client = new HttpClient(config);
  const endpoint = upstreamEndpoint(domain, config, client);
  const base = domain === "docker.io" ? hubIndex : await endpoint.base(options.signal);
  const url = new URL(`v1/search?${new URLSearchParams({ q: term, n: String(limit) })}`, base);
  const transport = new Transport(client, config.retry);
  const request = { method: "GET", path: url, scopes: [], signal: options.signal } as const;
  try {
    const exchange = await transport.send(endpoint, request, tries);
    return parseResults(domain, await exchangeText(exchange, maxAnswer)).slice(0, limit);
  } catch (error) {
    if (domain === "docker.io" || !isCode(error, "not_found")) throw error;
    const names = await listCatalog(domain, config, options);
    return names
      .filter((name) => name.includes(term))
      .map(plainResult)
      .slice(0, limit);
  }
}

function plainResult(name: string): SearchResult {
  return { name, description: "", stars: 0, isOfficial: false };
}

function parseResults(domain: string, text: string): SearchResult[] {
  const results = resultsOf(text);
  if (results === undefined)
    throw new SlipwayError("unavailable", `${domain} answered a search with what is no list of results`);
  return results.flatMap((entry: unknown) => {
    const { name, description, star_count, is_official } = (entry ?? {}) as Record<string, unknown>;
    if (typeof name !== "string") return [];
    const stars = typeof star_count === "number" ? star_count : 0;
    const words = typeof description === "string" ? description : "";
    return [{ name, description: words, stars, isOfficial: is_official === true }];
  });
}

function resultsOf(text: string): unknown[] | undefined {
  try {
    const { results } = JSON.parse(text) as { results?: unknown };
    return Array.isArray(results) ? results : undefined;
  } catch {
    return undefined;
  }
}
