import { medianOf, type Results, type ScenarioResult } from "../results.ts";

/**
 * How the cost of each series grows: the slope of a straight line through the logarithms of amount and cost, by least
 * squares. 1 is in proportion, 0 does not grow. undefined with fewer than two amounts.
 */
export function slope(points: readonly (readonly [amount: number, cost: number])[]): number | undefined {
  if (points.length < 2) return undefined;
  const logs = points.map(([amount, cost]) => [Math.log(amount), Math.log(cost)] as const);
  const [meanX, meanY] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const along = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return along / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A table of all series and peers, or nothing when no series was measured at two amounts. */
export function growthTable({ scenarios }: Results, peers: readonly string[]): string {
  const series = Map.groupBy(scenarios, ({ scale }) => scale?.series);
  series.delete(undefined);
  const rows = [...series].flatMap(([name = "", members]) => {
    if (members.length < 2) return [];
    const amounts = members.map(({ scale }) => scale?.amount).toSorted((a, b) => (a ?? 0) - (b ?? 0));
    const cells = peers.map((peer) => slope(pointsOf(members, peer))?.toFixed(2) ?? "–");
    return [`| ${[name, amounts.join(", "), ...cells].join(" | ")} |`];
  });
  if (rows.length === 0) return "";
  const head = ["how the cost grows", "amounts", ...peers];
  const note = "Slope of the logarithms: 1 is in proportion to the amount, 0 does not grow.";
  return [`| ${head.join(" | ")} |`, `|${head.map(() => "---").join("|")}|`, ...rows, "", note].join("\n");
}

function pointsOf(members: readonly ScenarioResult[], peer: string): (readonly [number, number])[] {
  return members.flatMap((member) => {
    const cost = medianOf(member, peer);
    return cost === undefined || member.scale === undefined ? [] : [[member.scale.amount, cost] as const];
  });
}
