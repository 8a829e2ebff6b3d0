import { subject } from "../peers/peer.ts";
import type { ScenarioResult } from "../results.ts";
import { figure } from "./figures.ts";

const width = 760;
const labelWidth = 90;
const barHeight = 18;
const gap = 5;
const titleHeight = 24;

/** Bars of one area's scenarios as an SVG document: one group a scenario, each on a scale of its own. */
export function barChart(title: string, results: readonly ScenarioResult[]): string {
  let top = 40;
  const groups = results.map((result) => {
    const group = groupOf(result, top);
    top += group.height;
    return group.text;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="10" y="22" font-size="15" font-weight="bold">${escape(title)}</text>
${groups.join("\n")}
</svg>
`;
}

function groupOf(result: ScenarioResult, top: number): { text: string; height: number } {
  const shown = result.measured.filter(({ summary }) => summary !== undefined);
  const longest = Math.max(...shown.map(({ summary }) => summary?.median ?? 0), 1e-9);
  const bars = shown.map(({ peer, summary }, index) => {
    const median = summary?.median ?? 0;
    const y = top + titleHeight + index * (barHeight + gap);
    const length = Math.max(1, ((width - labelWidth - 110) * median) / longest);
    const fill = peer === subject ? "#0b6e99" : "#b8c4cc";
    return [
      `<text x="${labelWidth - 6}" y="${y + 13}" text-anchor="end">${escape(peer)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" fill="${fill}"/>`,
      `<text x="${(labelWidth + length + 6).toFixed(1)}" y="${y + 13}">${figure(median, result.unit)}</text>`,
    ].join("\n");
  });
  const heading = `<text x="10" y="${top + 15}" fill="#444">${escape(result.title.replaceAll("`", ""))}</text>`;
  return { text: [heading, ...bars].join("\n"), height: titleHeight + bars.length * (barHeight + gap) + 12 };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
