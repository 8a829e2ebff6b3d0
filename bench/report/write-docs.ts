import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { subject } from "../peers/peer.ts";
import type { Results } from "../results.ts";
import { barChart } from "./chart.ts";
import { growthTable } from "./growth.ts";
import { markdownTable, shortTable } from "./markdown.ts";

const begin = "<!-- bench:begin, written by npm run bench -->";
const end = "<!-- bench:end -->";

const headings: Readonly<Record<string, string>> = {
  run: "Running containers",
  list: "Looking",
  api: "Over the API",
  build: "Building: many small steps",
  copy: "Building: a big context",
  transfer: "Push and pull",
  registry: "Serving a registry",
  store: "Images and their files",
  network: "Bytes on the way",
  growth: "The same at 1 ×, 10 ×, 100 ×",
  memory: "Memory",
};

/** Puts tables and charts between the marks of `docs/benchmarks.md` and of the README; what is around them stays. */
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
  const growth = growthTable(results, [subject, "docker"]);
  const parts = [markdownTable(results), growth, ...pictures].filter((part) => part !== "");
  replaceMarked("docs/benchmarks.md", parts.join("\n\n"));
  replaceMarked("README.md", shortTable(results));
}

function replaceMarked(page: string, made: string): void {
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`"${page}" has lost the marks of its generated part`);
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${made}\n\n${text.slice(to)}`);
}
