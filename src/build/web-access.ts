import { bypassesProxy } from "../registry/client/host-match.ts";
import type { ProxyConfig } from "../registry/client/registry-config.ts";

/** How a build reaches addresses by itself, for ADD and for its context. */
export interface WebAccess {
  readonly proxy: ProxyConfig;
  /** Path of the PEM bundle of the authorities that this host trusts; undefined: those built in. */
  readonly caFile: string | undefined;
  /** The header `Authorization` for a host (with its port, where the address names one). */
  readonly authorization?: (host: string) => string | undefined;
}

const names = { http: "HTTP_PROXY", https: "HTTPS_PROXY", noProxy: "NO_PROXY" } as const;

/**
 * As the build's arguments say (Dockerfile reference, "Predefined ARGs"), and where they say nothing as the engine
 * reaches registries.
 */
export function webAccess(
  buildArgs: Readonly<Record<string, string>>,
  host: { readonly proxy?: ProxyConfig | undefined; readonly hostCA: string | undefined },
): WebAccess {
  const given = (["http", "https", "noProxy"] as const).flatMap((key) => {
    const value = buildArgs[names[key]] ?? buildArgs[names[key].toLowerCase()];
    return value === undefined ? [] : [[key, value] as const];
  });
  const all = buildArgs["ALL_PROXY"] ?? buildArgs["all_proxy"];
  const others = all === undefined ? host.proxy : { ...host.proxy, http: all, https: all };
  return { proxy: { ...others, ...Object.fromEntries(given) }, caFile: host.hostCA };
}

/** The proxy for an address; undefined: none. Loopback is never reached through one. */
export function proxyOf(url: URL, { proxy }: WebAccess): string | undefined {
  const chosen = url.protocol === "https:" ? proxy.https : proxy.http;
  if (!chosen || bypassesProxy(url, proxy.noProxy ?? "")) return undefined;
  return chosen.includes("://") ? chosen : `http://${chosen}`;
}

/** The same for a program that reads the usual variables. */
export function proxyVariables({ proxy }: WebAccess): Record<string, string> {
  if (!proxy.http && !proxy.https) return {};
  return {
    ...(proxy.http && { http_proxy: proxy.http }),
    ...(proxy.https && { https_proxy: proxy.https }),
    no_proxy: [...(proxy.noProxy ? [proxy.noProxy] : []), "localhost", "127.0.0.1", "::1"].join(","),
  };
}
