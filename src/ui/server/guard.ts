import { isIP } from "node:net";
import { SlipwayError } from "../../errors.ts";

/**
 * Refuses what did not come from the page itself. A foreign `Host` is how a web site reaches this server under its own
 * name (DNS rebinding): only addresses, `localhost` and the names given at the start are let in, for an address cannot
 * be rebound. A foreign `Origin`, or a fetch that another site made, is a cross-site request; the port counts, since a
 * container's published port is the same site to a browser. Throws `forbidden`.
 */
export function checkCaller(request: Request, allowedHosts: readonly string[]): void {
  const host = request.headers.get("host") ?? "";
  if (!isOwnHost(host, allowedHosts)) throw refused(`the host "${host.slice(0, 100)}" is not this server's`);
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== `http://${host}` && origin !== `https://${host}`)
    throw refused(`requests from "${origin.slice(0, 100)}" are not allowed`);
  if (origin === null && isWrite(request))
    throw refused("a request that changes something must name its origin");
  const site = request.headers.get("sec-fetch-site") ?? "none";
  const isNavigation = request.headers.get("sec-fetch-mode") === "navigate" && request.method === "GET";
  if (site !== "none" && site !== "same-origin" && !(isNavigation && isPage(request)))
    throw refused("requests from other sites are not allowed");
}

/** What may change something: all but GET and HEAD, and a web socket, which is a terminal. */
export function isWrite(request: Request): boolean {
  return !["GET", "HEAD"].includes(request.method) || request.headers.get("upgrade") !== null;
}

function isOwnHost(host: string, allowedHosts: readonly string[]): boolean {
  const name = host.replace(/:\d{1,5}$/, "").toLowerCase();
  if (name === "localhost" || isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0) return true;
  return allowedHosts.some((allowed) => allowed.toLowerCase() === name);
}

/** A link from elsewhere to the page is harmless: it carries no cookie, and no frame shows it. */
function isPage(request: Request): boolean {
  return !/^\/(api|ws|ui)\//.test(new URL(request.url).pathname);
}

function refused(why: string): SlipwayError {
  return new SlipwayError("forbidden", `Refused: ${why}`);
}
