import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Results } from "../results.ts";
import { barChart } from "./chart.ts";
import { markdownTable } from "./markdown.ts";

const page = "docs/benchmarks.md";
const begin = "<!-- bench:begin, written by npm run bench -->";
const end = "<!-- bench:end -->";

const headings: Readonly<Record<string, string>> = {
  run: "Running containers",
  list: "Looking",
  build: "Building: many small steps",
  copy: "Building: a big context",
  transfer: "Push and pull",
  memory: "Memory at rest",
};

/** Puts table and charts between the marks of `docs/benchmarks.md`; what is written around them stays. */
export function writeDocs(results: Results): void {
  const areas = [...new Set(results.scenarios.map(({ area }) => area))];
  mkdirSync("docs/benchmarks", { recursive: true });
  const pictures = areas.map((area) => {
    const title = headings[area] ?? area;
    const chart = barChart(
      title,
      results.scenarios.filter((scenario) => scenario.area === area),
    );
    writeFileSync(`docs/benchmarks/${area}.svg`, chart);
    return `![${title}](benchmarks/${area}.svg)`;
  });
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`"${page}" has lost the marks of its generated part`);
  const made = `${begin}\n\n${markdownTable(results)}\n\n${pictures.join("\n\n")}\n\n`;
  writeFileSync(page, text.slice(0, from) + made + text.slice(to));
}
