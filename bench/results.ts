import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { tryRun } from "./command.ts";
import type { Measured } from "./measure.ts";
import { subject } from "./peers/peer.ts";
import type { Scenario } from "./scenario.ts";

/** One run of the benchmark, as it is kept in `bench/results/`. */
export interface Results {
  /** RFC 3339 */
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly peers: readonly { readonly name: string; readonly version?: string; readonly missing?: string }[];
  readonly scenarios: readonly ScenarioResult[];
}

export interface ScenarioResult extends Pick<Scenario, "id" | "area" | "title" | "unit" | "goal" | "scale"> {
  readonly measured: readonly Measured[];
  /** All of it, with what was made ready for it. */
  readonly seconds?: number;
}

/** Slipway's median as a part of the peer's: 0.5 is twice as fast. undefined when one of them is missing. */
export function ratioTo(result: ScenarioResult, peer: string): number | undefined {
  const ours = medianOf(result, subject);
  const theirs = medianOf(result, peer);
  return ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs;
}

export function medianOf(result: ScenarioResult, peer: string): number | undefined {
  return result.measured.find((each) => each.peer === peer)?.summary?.median;
}

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${model}, ${memory} GiB, ${osName()}, kernel ${release()}`;
}

export function commitName(): string {
  const name = tryRun({ argv: ["git", "rev-parse", "--short", "HEAD"] })?.trim() ?? "unknown";
  const changed = tryRun({ argv: ["git", "status", "--porcelain", "--", "src"] })?.trim();
  return changed ? `${name}-changed` : name;
}

function osName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  } catch {
    return "Linux";
  }
}
