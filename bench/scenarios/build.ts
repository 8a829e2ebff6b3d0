import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { timed, tryRun } from "../command.ts";
import { busybox, type Inputs } from "../inputs/inputs.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";

const steps = 10;

/** Many small steps: what the machinery around a step costs. */
export const buildScenarios: readonly Scenario[] = [
  {
    id: "build-steps-cold",
    area: "build",
    title: "build of 10 small RUN steps, nothing cached",
    unit: "ms",
    quick: true,
    rounds: 5,
    goal: { peer: "docker", ratio: 1 / 5 },
    open: (peer, inputs) => buildProbe(peer, inputs, "cold"),
  },
  {
    id: "build-steps-cached",
    area: "build",
    title: "the same, all 10 cached",
    unit: "ms",
    quick: true,
    rounds: 10,
    goal: { peer: "docker", ratio: 1 / 5 },
    open: (peer, inputs) => buildProbe(peer, inputs, "cached"),
  },
  {
    id: "build-diamond",
    area: "build",
    title: "build of a diamond: 0.5 s, twice 1 s side by side, 0.5 s; at least 2 s",
    unit: "ms",
    rounds: 3,
    goal: { peer: "docker", ratio: 1 },
    open: diamondProbe,
  },
];

/** Four stages that sleep: what is left above two seconds is the machinery, above three seconds there is no graph. */
function diamondProbe(peer: Peer, inputs: Inputs): Probe | undefined {
  const stages = [
    `FROM ${busybox} AS top\nRUN sleep 0.5 && echo > /top`,
    "FROM top AS left\nRUN sleep 1 && echo > /left",
    "FROM top AS right\nRUN sleep 1 && echo > /right",
    "FROM left\nCOPY --from=right /right /right\nRUN sleep 0.5",
  ];
  return coldProbe(peer, inputs, "diamond", stages.join("\n"));
}

/** Builds a Dockerfile anew in each round. */
export function coldProbe(peer: Peer, inputs: Inputs, name: string, dockerfile: string): Probe | undefined {
  const cli = peer.buildCli ?? peer.cli;
  if (cli === undefined) return undefined;
  const context = inputs.scratch(`${name}-${peer.name}`);
  writeFileSync(join(context, "Dockerfile"), `${dockerfile}\n`);
  const tag = `bench-${name}`;
  return {
    sample: () => timed(cli("build", "--no-cache", "-t", tag, context)),
    close: () => void tryRun(cli("rmi", "-f", tag)),
  };
}

function buildProbe(peer: Peer, inputs: Inputs, kind: "cold" | "cached"): Probe | undefined {
  const cli = peer.buildCli ?? peer.cli;
  if (cli === undefined) return undefined;
  const context = inputs.scratch(`steps-${peer.name}`);
  const runs = Array.from({ length: steps }, (_, index) => `RUN echo step ${index} > /step-${index}`);
  writeFileSync(join(context, "Dockerfile"), `FROM ${busybox}\n${runs.join("\n")}\nCOPY Dockerfile /\n`);
  const tag = "bench-steps";
  const fresh = kind === "cold" ? ["--no-cache"] : [];
  return {
    sample: () => timed(cli("build", ...fresh, "-t", tag, context)),
    close: () => void tryRun(cli("rmi", "-f", tag)),
  };
}
