import { summarize } from "../statistics.ts";
import type { Part } from "./collector.ts";

/** One line of the table: a part of the command under the part it belongs to, over all rounds. */
interface Phase {
  readonly service: string;
  readonly name: string;
  readonly depth: number;
  readonly values: number[];
}

/** What the parts of all rounds come to, as a Markdown table: each part below the one it belongs to. */
export function phaseTable(parts: readonly Part[]): string {
  const rows = [...phasesOf(parts).values()].map(({ service, name, depth, values }) => {
    const { median, min } = summarize(values);
    const shown = "· ".repeat(depth) + name;
    return `| ${service} | ${shown} | ${values.length} | ${median.toFixed(1)} | ${min.toFixed(1)} |`;
  });
  return [
    "| process | part | times | median ms | least ms |",
    "|---|---|---|---|---|",
    ...rows,
    "",
    "Parts may overlap; what a part does not name of its own time is its own work, or waiting.",
  ].join("\n");
}

function phasesOf(parts: readonly Part[]): Map<string, Phase> {
  const children = Map.groupBy(parts, ({ parentSpanId }) => parentSpanId ?? "");
  const known = new Set(parts.map(({ spanId }) => spanId));
  const phases = new Map<string, Phase>();
  const add = (part: Part, path: string, depth: number) => {
    const name = part.name.replace(/\b[0-9a-f]{12,64}\b/g, "ID");
    const key = `${path}/${part.service} ${name}`;
    const phase = phases.get(key) ?? { service: part.service, name, depth, values: [] };
    phase.values.push(part.milliseconds);
    phases.set(key, phase);
    for (const child of (children.get(part.spanId) ?? []).toSorted((a, b) => a.began - b.began))
      add(child, key, depth + 1);
  };
  const tops = parts.filter(({ parentSpanId }) => parentSpanId === undefined || !known.has(parentSpanId));
  for (const top of tops) add(top, "", 0);
  return phases;
}
