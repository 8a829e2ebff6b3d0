import { subject } from "../peers/peer.ts";
import { ratioTo, type ScenarioResult } from "../results.ts";
import { figure } from "./figures.ts";

/** A scenario's outcome in lines for the terminal. */
export function terminalLines(result: ScenarioResult): string {
  const rows = result.measured.map(({ peer, summary, failure }) => {
    if (summary === undefined) return `  ${peer.padEnd(9)} failed: ${failure ?? "no sample"}`;
    const { median, spread, min, max, count } = summary;
    const shown = (value: number) => figure(value, result.unit);
    const range = `± ${shown(spread)}  (${shown(min)} … ${shown(max)}, n=${count})`;
    return `  ${peer.padEnd(9)} ${shown(median).padStart(9)} ${range}${comparison(result, peer)}`;
  });
  return [`${result.id}: ${result.title} (${result.seconds ?? "?"} s in all)`, ...rows].join("\n");
}

function comparison(result: ScenarioResult, peer: string): string {
  const ratio = peer === subject ? undefined : ratioTo(result, peer);
  if (ratio === undefined) return "";
  const { goal } = result;
  if (goal?.peer !== peer) return `  ratio ${ratio.toFixed(2)}`;
  return `  ratio ${ratio.toFixed(2)}, goal ${goal.ratio.toFixed(2)} ${ratio <= goal.ratio ? "met" : "MISSED"}`;
}
