import type { HealthConfig } from "../../oci/image-config.ts";
import { UsageError } from "../flags/parse-flags.ts";
import type { ContainerFlags } from "../flags/container-flags.ts";

const counted = [
  ["health-interval", "negative"],
  ["health-timeout", "negative"],
  ["health-retries", "negative"],
  ["health-start-period", "negative"],
  ["health-start-interval", "negative"],
] as const;

/** The health check of the `--health-…` options; undefined when none was given. Pure. */
export function healthcheck(flags: ContainerFlags, given: ReadonlySet<string>): HealthConfig | undefined {
  const asked = [...given].some((name) => name.startsWith("health-"));
  if (flags["no-healthcheck"]) {
    if (asked) throw new UsageError("--no-healthcheck conflicts with --health-* options");
    return { Test: ["NONE"] };
  }
  if (!asked) return undefined;
  const cmd = flags["health-cmd"];
  for (const [name, what] of counted) {
    if ((flags[name] ?? 0) < 0) throw new UsageError(`--${name} cannot be ${what}`);
  }
  return {
    ...(cmd === undefined ? {} : { Test: ["CMD-SHELL", cmd] }),
    Interval: flags["health-interval"] ?? 0,
    Timeout: flags["health-timeout"] ?? 0,
    StartPeriod: flags["health-start-period"] ?? 0,
    StartInterval: flags["health-start-interval"] ?? 0,
    Retries: flags["health-retries"] ?? 0,
  };
}
