import type { DryRunDocument } from "../../build/calls/dry-run-document.ts";
import { humanSize } from "../../internal/human-size.ts";
import { sanitizeLine } from "../progress/sanitize.ts";

const words = { hit: "HIT  ", unneeded: "SKIP ", run: "RUN  ", maybe: "MAYBE" } as const;

/** A dry run for people. Safe for a terminal. Pure. */
export function dryRunText({ steps, pulls, pushes }: DryRunDocument): string {
  const isToRun = ({ outcome }: DryRunDocument["steps"][number]): boolean =>
    outcome === "run" || outcome === "maybe";
  const running = steps.filter(isToRun);
  const lines = [
    ...steps.flatMap(stepLines),
    "",
    `${running.length} of ${steps.length} steps would run${about(running)}.`,
    ...pulls.map(({ reference, bytes }) => `Would pull ${reference}: ${humanSize(bytes)}.`),
    ...pushes.map(pushLine),
  ];
  return `${lines.map((line) => sanitizeLine(line)).join("\n")}\n`;
}

function stepLines({ outcome, name, durationMs, causes = [] }: DryRunDocument["steps"][number]): string[] {
  const time = durationMs === undefined ? "" : ` (${seconds(durationMs)} last time)`;
  return [`${words[outcome]} ${name}${time}`, ...causes.map((cause) => `        because ${cause}`)];
}

function about(steps: DryRunDocument["steps"]): string {
  const known = steps.filter(({ durationMs }) => durationMs !== undefined);
  if (known.length === 0) return steps.length === 0 ? "" : ", none of which ran before";
  const total = known.reduce((ms, { durationMs = 0 }) => ms + durationMs, 0);
  const others = steps.length - known.length;
  const rest = others === 0 ? "" : `, and ${others} that never ran`;
  return `, ${seconds(total)} as they took last time${rest}`;
}

function pushLine({ reference, layers }: DryRunDocument["pushes"][number]): string {
  const bytes = (state: string): number =>
    layers.filter((layer) => layer.state === state).reduce((sum, layer) => sum + (layer.bytes ?? 0), 0);
  const count = (state: string): number => layers.filter((layer) => layer.state === state).length;
  const isEstimate = layers.some((layer) => layer.state === "sent" && layer.isEstimate === true);
  const open = count("open");
  const before = bytes("open") === 0 ? "" : ` (${humanSize(bytes("open"))} last time)`;
  const more = open === 0 ? "" : `, and ${open} that the steps above make${before}`;
  const size = `${isEstimate ? "at most " : ""}${humanSize(bytes("sent"))}`;
  return `Would push to ${reference}: ${size} in ${count("sent")} of ${layers.length} layers, ${count("there")} are there${more}.`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
