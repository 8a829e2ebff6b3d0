import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, timed, tryRun } from "../command.ts";
import { busybox, type Inputs } from "../inputs/inputs.ts";
import type { Peer } from "../peers/peer.ts";
import { call, eachOf } from "../peers/engine-api.ts";
import type { Probe, Scenario } from "../scenario.ts";
import { coldProbe } from "./build.ts";

/** The same work at 1 ×, 10 × and 100 ×: what costs more than ten times as much at ten times the size will hurt. */
export const growthScenarios: readonly Scenario[] = [
  ...[200, 2000, 20_000].map(copyOf),
  ...[1, 10, 100].map(stepsOf),
  ...[100, 1000].map(tagsOf),
];

function copyOf(count: number): Scenario {
  return {
    id: `growth-copy-${count}`,
    area: "growth",
    title: `build with COPY of ${count} files of 2 kB`,
    unit: "ms",
    podman: false,
    rounds: 2,
    scale: { series: "build with COPY, files", amount: count },
    open: (peer, inputs) => copyProbe(peer, inputs, count),
  };
}

function copyProbe(peer: Peer, inputs: Inputs, count: number): Probe | undefined {
  const cli = peer.buildCli ?? peer.cli;
  if (cli === undefined) return undefined;
  const context = inputs.tree(`growth-${peer.name}`, count, 2000);
  writeFileSync(join(context, "Dockerfile"), `FROM ${busybox}\nCOPY files /files\n`);
  run({ argv: ["sync"] });
  const tag = "bench-growth";
  return {
    sample: (round) => {
      // A file of this round's own: the step is never in anybody's cache.
      writeFileSync(join(context, "files/d0/round"), String(round));
      return timed(cli("build", "--no-cache", "-t", tag, context));
    },
    close: () => {
      tryRun(cli("rmi", "-f", tag));
      rmSync(context, { recursive: true, force: true });
    },
  };
}

function stepsOf(count: number): Scenario {
  const steps = Array.from({ length: count }, (_, index) => `RUN echo ${index} > /step-${index}`);
  return {
    id: `growth-steps-${count}`,
    area: "growth",
    title: `build of ${count} small RUN steps, nothing cached`,
    unit: "ms",
    podman: false,
    rounds: 1,
    warmUp: count < 100,
    scale: { series: "build, RUN steps", amount: count },
    open: (peer, inputs) => coldProbe(peer, inputs, "growth-steps", `FROM ${busybox}\n${steps.join("\n")}`),
  };
}

function tagsOf(count: number): Scenario {
  return {
    id: `images-${count}`,
    area: "growth",
    title: `\`images\` with ${count} tags`,
    unit: "ms",
    podman: false,
    rounds: 5,
    scale: { series: "`images`, tags", amount: count },
    open: async ({ cli, socket }) => {
      if (cli === undefined || socket === undefined) return undefined;
      const numbers = Array.from({ length: count }, (_, index) => String(index));
      const tags = numbers.map((tag) => `bench-growth:${tag}`);
      await eachOf(numbers, (tag) =>
        call(socket, "POST", `/images/${busybox}/tag?repo=bench-growth&tag=${tag}`),
      );
      return { sample: () => timed(cli("images")), close: () => void tryRun(cli("rmi", ...tags)) };
    },
  };
}
