import type { RegistryAuth } from "../../engine/types/image.ts";

/** The login of a registry's host, as `slipway login` left it. */
export type FindLogin = (host: string) => Promise<RegistryAuth | undefined>;

/** Fields to add to a request for the engine. */
export type LoginHeaders = (request: Request) => Promise<Record<string, string>>;

/** The registry's host in a name, as references have it; Docker Hub when it names none. */
export function hostOf(name: string): string {
  const first = name.replace(/^docker:\/\//, "").split("/", 1)[0] ?? "";
  const isHost = name.includes("/") && (/[.:]/.test(first) || first === "localhost");
  return isHost ? first : "docker.io";
}

/**
 * Gives requests that make the engine talk to a registry the user's login for it, unless the page sent one: the page
 * itself never sees a password of the user's.
 */
export function loginHeaders(find: FindLogin): LoginHeaders {
  return async (request) => {
    const url = new URL(request.url);
    if (request.headers.has("x-registry-auth") || request.headers.has("x-registry-config")) return {};
    const transfer = transferName(request.method, url);
    if (transfer !== undefined) {
      const login = await find(hostOf(transfer));
      return login === undefined ? {} : { "X-Registry-Auth": encoded(login) };
    }
    const host = lookupHost(url);
    const login = host === undefined ? undefined : await find(host);
    return login === undefined || host === undefined
      ? {}
      : { "X-Registry-Config": encoded({ [host]: login }) };
  };
}

/** What a pull or a push names. */
function transferName(method: string, { pathname, searchParams }: URL): string | undefined {
  if (method !== "POST") return undefined;
  if (pathname.endsWith("/images/create")) return searchParams.get("fromImage") ?? undefined;
  const push = /\/images\/(.+)\/push$/.exec(pathname)?.[1];
  return push === undefined ? undefined : decodeURIComponent(push);
}

/** The registry that a look into it is about. */
function lookupHost({ pathname, searchParams }: URL): string | undefined {
  if (/\/slipway\/v1\/registry\//.test(pathname)) {
    const host = searchParams.get("host");
    return host ?? hostOf(searchParams.get("name") ?? "");
  }
  if (!/\/slipway\/v1\/images\/(manifest|layers|diff|files)$/.test(pathname)) return undefined;
  const names = ["name", "a", "b"].map((field) => searchParams.get(field) ?? "");
  const remote = names.find((name) => name.startsWith("docker://"));
  return remote === undefined ? undefined : hostOf(remote);
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
