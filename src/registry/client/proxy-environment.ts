import type { ProxyConfig } from "./registry-config.ts";

const variables = { http: "HTTP_PROXY", https: "HTTPS_PROXY", noProxy: "NO_PROXY" } as const;

/**
 * Takes the proxy variables out of a process's environment, in either case of letters: for the process's start.
 * They are taken and not only read because Bun's fetch would use what is left by itself, for loopback too, and would
 * let `NO_PROXY` win over a proxy it is told to use.
 */
export function takeProxyEnvironment(env: Record<string, string | undefined>): ProxyConfig {
  const found: { http?: string; https?: string; noProxy?: string } = {};
  for (const key of ["http", "https", "noProxy"] as const) {
    const names = [variables[key].toLowerCase(), variables[key]];
    const value = names.map((name) => env[name]).find((text) => text !== undefined && text !== "");
    for (const name of names) delete env[name];
    if (value !== undefined) found[key] = value;
  }
  return found;
}
