import { subject } from "../peers/peer.ts";
import { medianOf, ratioTo, type Results, type ScenarioResult } from "../results.ts";
import { figure } from "./figures.ts";

const engines = ["docker", "podman"];
const registry = "docker-registry";

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
  const head = ["work", subject, ...engines, "ratio", "goal", "floor"];
  return [
    `Measured ${results.date.slice(0, 10)} at commit ${results.commit} on ${results.machine}. Median ± spread.`,
    "",
    ...results.peers.map(peerLine),
    "",
    ...goalLines(results),
    "",
    `| ${head.join(" | ")} |`,
    `|${head.map(() => "---").join("|")}|`,
    ...rows,
    "",
    "ratio: Slipway's median as a part of Docker's; for registries, of docker-registry's, which stands in Docker's column.",
  ].join("\n");
}

/** How many goals are met, and which are missed by how much, the farthest first. */
function goalLines({ scenarios }: Results): string[] {
  const all = scenarios.flatMap((result) => {
    const ratio = result.goal && ratioTo(result, result.goal.peer);
    return result.goal === undefined || ratio === undefined
      ? []
      : [{ id: result.id, title: result.title, ratio, goal: result.goal.ratio }];
  });
  const missed = all.filter(({ ratio, goal }) => ratio > goal);
  const lines = missed
    .toSorted((a, b) => b.ratio / b.goal - a.ratio / a.goal)
    .map(({ id, title, ratio, goal }) => `- ${id} (${title}): ${ratio.toFixed(2)}, goal ${goal.toFixed(2)}`);
  const words = `${all.length - missed.length} of ${all.length} goals are met${missed.length > 0 ? "; missed, the farthest first:" : "."}`;
  return [words, "", ...lines];
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
  const { goal } = result;
  const ratio = ratioTo(result, goal?.peer ?? "docker");
  const cells = [
    result.title,
    ...[subject, ...engines].map((peer) => cell(result, peer)),
    ratio === undefined ? "" : `**${ratio.toFixed(2)}**`,
    goal === undefined ? "" : `≤ ${goal.ratio.toFixed(2)}${verdictOf(ratio, goal.ratio)}`,
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
  if (measured === undefined) return peer === "docker" ? registryCell(result) : "–";
  if (measured.summary === undefined) return "failed";
  const { median, spread } = measured.summary;
  return `${figure(median, result.unit)} ± ${figure(spread, result.unit)}`;
}

function registryCell(result: ScenarioResult): string {
  return result.measured.some(({ peer }) => peer === registry) ? cell(result, registry) : "–";
}

function floors(result: ScenarioResult): string {
  const others = result.measured.filter(({ peer }) => ![subject, registry, ...engines].includes(peer));
  return others.map(({ peer }) => `${peer} ${figure(medianOf(result, peer) ?? 0, result.unit)}`).join(", ");
}
