import { formatPlatform, type Platform } from "../../oci/platform.ts";

/** Arguments every Dockerfile may use without declaring them in RUN (Dockerfile reference, "Predefined ARGs"). */
const proxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];
const proxyArgs = new Set([...proxyNames, ...proxyNames.map((name) => name.toLowerCase())]);

/** Whether the argument is of the environment a build runs in, and no part of it. */
export function isProxyArgument(name: string): boolean {
  return proxyArgs.has(name);
}

/** The proxy settings among build arguments: they reach RUN's processes, but no history and no cache key. */
export function proxyEnv(buildArgs: Readonly<Record<string, string>>): string[] {
  return Object.entries(buildArgs)
    .filter(([key]) => proxyArgs.has(key))
    .map(([key, value]) => `${key}=${value}`);
}

/** TARGETPLATFORM and the like (Dockerfile reference, "Automatic platform ARGs in the global scope"). */
export function platformArgs(build: Platform, target: Platform, targetStage: string): Map<string, string> {
  return new Map([
    ...platformVariables("BUILD", build),
    ...platformVariables("TARGET", target),
    ["TARGETSTAGE", targetStage],
  ]);
}

function platformVariables(prefix: string, platform: Platform): [string, string][] {
  return [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}OSVERSION`, platform["os.version"] ?? ""],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ""],
  ];
}
