import { SlipwayError } from "../../errors.ts";
import type { OciRlimit } from "./oci-spec.ts";
import type { HostFacts, UlimitInput } from "./spec-input.ts";

/** Stands for RLIM_INFINITY: `serializeSpec()` writes the exact number. */
const unlimited = 2 ** 64;

/** The limits to ask for: none above what this process may give, as only CAP_SYS_RESOURCE raises a hard limit. */
export function rlimits(
  ulimits: readonly UlimitInput[],
  facts: HostFacts,
  warn: (text: string) => void,
): readonly OciRlimit[] {
  return ulimits.map((ulimit) => rlimit(ulimit, facts, warn));
}

function rlimit(ulimit: UlimitInput, facts: HostFacts, warn: (text: string) => void): OciRlimit {
  const own = facts.limits[ulimit.name];
  if (own === undefined) throw new SlipwayError("invalid_argument", `invalid ulimit type: ${ulimit.name}`);
  const wanted = { soft: amount(ulimit.soft), hard: amount(ulimit.hard) };
  // In a user namespace the capability says nothing.
  const mayRaise = facts.rootless === undefined && facts.capabilities.includes("CAP_SYS_RESOURCE");
  const ceiling = mayRaise ? Infinity : own.hard;
  const hard = Math.min(wanted.hard, ceiling);
  if (hard < wanted.hard) {
    warn(`ulimit ${ulimit.name} is lowered to ${hard}: the engine may not raise it without CAP_SYS_RESOURCE`);
  }
  const soft = Math.min(wanted.soft, hard);
  return { type: `RLIMIT_${ulimit.name.toUpperCase()}`, soft: finite(soft), hard: finite(hard) };
}

function amount(value: number): number {
  return value < 0 ? Infinity : value;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : unlimited;
}
