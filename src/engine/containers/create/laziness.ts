import { SlipwayError } from "../../../errors.ts";
import type { PortMapping } from "../../../network/driver.ts";
import type { HostConfig } from "../../types/container-config.ts";
import type { RecordedLaziness } from "../record.ts";

/** What is recorded of a container that is to sleep until somebody connects. Throws `invalid_argument`. Pure. */
export function lazinessOf(
  asked: { readonly Idle?: number },
  ports: readonly PortMapping[],
  hostConfig: HostConfig,
): RecordedLaziness {
  const bad = (why: string) => new SlipwayError("invalid_argument", `--lazy ${why}`);
  if (ports.length === 0) throw bad("needs a published port (-p)");
  if (ports.some(({ protocol }) => protocol !== "tcp")) throw bad("holds TCP ports alone");
  const mode = hostConfig.NetworkMode ?? "bridge";
  if (mode === "host" || mode === "none" || mode.startsWith("container:"))
    throw bad(`needs a network of its own, not --network ${mode}`);
  if (hostConfig.AutoRemove) throw bad("and --rm exclude each other: the container stops when it is idle");
  if ((hostConfig.RestartPolicy?.Name ?? "no") !== "no")
    throw bad("and --restart exclude each other: the next connection starts the container");
  return { idle: idleTime(asked.Idle), armed: false, ports: [] };
}

/** Milliseconds. */
function idleTime(nanoseconds = 5 * 60e9): number {
  if (nanoseconds >= 0 && nanoseconds <= 2 ** 31 * 1e6 - 1) return Math.ceil(nanoseconds / 1e6);
  throw new SlipwayError("invalid_argument", "the idle time of a lazy container is 0 to 24 days");
}
