import { subject } from "../peers/peer.ts";
import { medianOf, ratioTo, type Results, type ScenarioResult } from "../results.ts";
import { figure } from "./figures.ts";

const engines = ["docker", "podman"];

const shown = [
  "run-bridge",
  "run-none",
  "exec",
  "stop",
  "build-steps-cold",
  "build-steps-cached",
  "copy-cold",
  "copy-cached",
  "pull",
  "push",
];

/** The table of all scenarios, with the machine and the peers it was measured on. */
export function markdownTable(results: Results): string {
  const rows = results.scenarios.map(row);
  const head = ["work", subject, ...engines, `${subject} ÷ docker`, "goal", "floor"];
  return [
    `Measured ${results.date.slice(0, 10)} at commit ${results.commit} on ${results.machine}. Median ± spread.`,
    "",
    ...results.peers.map(peerLine),
    "",
    `| ${head.join(" | ")} |`,
    `|${head.map(() => "---").join("|")}|`,
    ...rows,
  ].join("\n");
}

/** The few rows of the README: what people do all day, beside Docker. */
export function shortTable({ scenarios }: Results): string {
  const rows = scenarios.flatMap((result) => {
    const ratio = shown.includes(result.id) ? ratioTo(result, "docker") : undefined;
    if (ratio === undefined) return [];
    const [ours, theirs] = [subject, "docker"].map((peer) =>
      figure(medianOf(result, peer) ?? 0, result.unit),
    );
    return [`| ${[result.title, ours, theirs, `**${ratio.toFixed(2)}**`].join(" | ")} |`];
  });
  return [`| | ${subject} | docker | ratio |`, "|---|---|---|---|", ...rows].join("\n");
}

function peerLine({ name, version, missing }: Results["peers"][number]): string {
  return `- ${name}: ${missing === undefined ? version : `missing (${missing})`}`;
}

function row(result: ScenarioResult): string {
  const ratio = ratioTo(result, "docker");
  const { goal } = result;
  const verdict =
    goal === undefined
      ? ""
      : `≤ ${goal.ratio.toFixed(2)}${verdictOf(ratioTo(result, goal.peer), goal.ratio)}`;
  const cells = [
    result.title,
    ...[subject, ...engines].map((peer) => cell(result, peer)),
    ratio === undefined ? "" : `**${ratio.toFixed(2)}**`,
    verdict,
    floors(result),
  ];
  return `| ${cells.join(" | ")} |`;
}

function verdictOf(ratio: number | undefined, goal: number): string {
  if (ratio === undefined) return "";
  return ratio <= goal ? " met" : " missed";
}

function cell(result: ScenarioResult, peer: string): string {
  const measured = result.measured.find((each) => each.peer === peer);
  if (measured === undefined) return "–";
  if (measured.summary === undefined) return "failed";
  const { median, spread } = measured.summary;
  return `${figure(median, result.unit)} ± ${figure(spread, result.unit)}`;
}

function floors(result: ScenarioResult): string {
  const others = result.measured.filter(({ peer }) => peer !== subject && !engines.includes(peer));
  return others.map(({ peer }) => `${peer} ${figure(medianOf(result, peer) ?? 0, result.unit)}`).join(", ");
}
