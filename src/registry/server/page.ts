import { RegistryError } from "./registry-error.ts";

/** One page of a sorted listing: `n` entries after `last` (distribution-spec, "Listing Tags"). */
export interface Page {
  readonly n: number | undefined;
  readonly last: string | undefined;
}

/** Throws `UNSUPPORTED` (400) for an `n` that is no number. */
export function parsePage(query: URLSearchParams): Page {
  const n = query.get("n");
  if (n !== null && !/^\d{1,9}$/.test(n))
    throw new RegistryError("UNSUPPORTED", { status: 400, message: "n is not a number", detail: { n } });
  return { n: n === null ? undefined : Number(n), last: query.get("last") ?? undefined };
}

/** The entries of the page, and the `Link` header when more follow. `path` is the listing's own path. */
export function cutPage(
  sorted: readonly string[],
  page: Page,
  path: string,
): { entries: readonly string[]; headers: Record<string, string> } {
  const { n, last } = page;
  const rest = last === undefined ? sorted : sorted.filter((entry) => entry > last);
  if (n === undefined || rest.length <= n) return { entries: rest, headers: {} };
  const entries = rest.slice(0, n);
  const tail = entries.at(-1);
  if (tail === undefined) return { entries, headers: {} };
  return {
    entries,
    headers: { link: `<${path}?n=${n}&last=${encodeURIComponent(tail)}>; rel="next"` },
  };
}
