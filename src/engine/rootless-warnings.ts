import type { RootlessConfig } from "./config.ts";

/** What `info` says of an engine without root. Pure. */
export function rootlessWarnings(rootless: RootlessConfig | undefined): string[] {
  if (rootless === undefined) return [];
  const { noOutside } = rootless;
  return [
    "WARNING: No cgroups without root: limits are refused, and stats are empty",
    "WARNING: Published ports are passed on by the engine: they are closed while it does not run",
    ...(noOutside === undefined ? [] : [`WARNING: Containers reach nothing outside: ${noOutside}`]),
  ];
}
