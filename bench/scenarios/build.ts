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
    goal: { peer: "docker", ratio: 1 / 3 },
    open: (peer, inputs) => buildProbe(peer, inputs, "cold"),
  },
  {
    id: "build-steps-cached",
    area: "build",
    title: "the same, all 10 cached",
    unit: "ms",
    quick: true,
    rounds: 10,
    goal: { peer: "docker", ratio: 1 / 3 },
    open: (peer, inputs) => buildProbe(peer, inputs, "cached"),
  },
];

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
