/** What pages may read of an answer besides its body. */
const exposed = [
  "Content-Range",
  "Docker-Content-Digest",
  "Link",
  "Location",
  "OCI-Filters-Applied",
  "OCI-Subject",
  "OCI-Tag",
  "Range",
  "WWW-Authenticate",
].join(", ");
const methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
/** How long a browser need not ask again, seconds. */
const keptFor = "7200";

/** Lets pages of other origins use the registry from a browser (WHATWG Fetch, "CORS protocol"). */
export class CrossOrigin {
  readonly #origins: readonly string[];

  /** `origins`: `https://ui.example.org`; `*` is every one, without the credentials the browser holds. */
  constructor(origins: readonly string[]) {
    this.#origins = origins;
  }

  /** The answer to a browser that asks before it sends; undefined for any other request. Needs no login. */
  preflight(request: Request): Response | undefined {
    if (request.method !== "OPTIONS" || !request.headers.has("access-control-request-method"))
      return undefined;
    const response = new Response(null, { status: 204 });
    if (!this.mark(request, response)) return response;
    response.headers.set("access-control-allow-methods", methods);
    response.headers.set("access-control-max-age", keptFor);
    const wanted = request.headers.get("access-control-request-headers") ?? "";
    if (/^[\w, -]{1,1000}$/.test(wanted)) response.headers.set("access-control-allow-headers", wanted);
    return response;
  }

  /** Adds to an answer what lets the page have it. Returns whether its origin may. */
  mark(request: Request, response: Response): boolean {
    const { headers } = response;
    headers.append("vary", "Origin");
    const origin = request.headers.get("origin");
    if (origin === null) return false;
    const known = this.#origins.includes(origin);
    if (!known && !this.#origins.includes("*")) return false;
    headers.set("access-control-allow-origin", known ? origin : "*");
    if (known) headers.set("access-control-allow-credentials", "true");
    headers.set("access-control-expose-headers", exposed);
    return true;
  }
}
