import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, timed, tryRun } from "../command.ts";
import { busybox, type Inputs } from "../inputs/inputs.ts";
import { mixedBytes } from "../inputs/random.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";
import { insecure } from "./insecure.ts";

const layers = 3;
const layerSize = 20_000_000;

/** To and from Debian's `docker-registry` on the loopback. */
export const transferScenarios: readonly Scenario[] = [
  {
    id: "push",
    area: "transfer",
    title: "`push` of a new image, 3 layers of 20 MB",
    unit: "ms",
    rounds: 4,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: pushProbe,
  },
  {
    id: "pull",
    area: "transfer",
    title: "`pull` of an image, 3 layers of 20 MB",
    unit: "ms",
    rounds: 5,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: pullProbe,
  },
];

/** Every image is new to peer and registry alike: nobody has compressed its layers before. */
function pushProbe(peer: Peer, inputs: Inputs): Probe | undefined {
  const { cli } = peer;
  const { registry } = inputs;
  if (cli === undefined || registry === undefined) return undefined;
  const tag = `${registry.host}/bench/${peer.name}:push`;
  return {
    sample: (round) => {
      build(peer, inputs, tag, round + 1);
      const took = timed(cli("push", ...insecure(peer), tag));
      run(cli("rmi", "-f", tag));
      return took;
    },
  };
}

function pullProbe(peer: Peer, inputs: Inputs): Probe | undefined {
  const { cli } = peer;
  const { registry } = inputs;
  if (cli === undefined || registry === undefined) return undefined;
  const tag = `${registry.host}/bench/${peer.name}:pull`;
  build(peer, inputs, tag, 1000);
  run(cli("push", ...insecure(peer), tag));
  forget(peer, tag);
  return {
    sample: () => {
      const took = timed(cli("pull", ...insecure(peer), tag));
      forget(peer, tag);
      return took;
    },
  };
}

function build(peer: Peer, inputs: Inputs, tag: string, seed: number): void {
  const context = inputs.scratch(`transfer-${peer.name}`);
  const names = Array.from({ length: layers }, (_, index) => `part-${index}`);
  for (const [index, name] of names.entries())
    writeFileSync(join(context, name), mixedBytes(seed * layers + index, layerSize));
  const copies = names.map((name) => `COPY ${name} /data/${name}`);
  writeFileSync(join(context, "Dockerfile"), `FROM ${busybox}\n${copies.join("\n")}\n`);
  const cli = peer.buildCli ?? peer.cli;
  if (cli !== undefined) run(cli("build", "-t", tag, context));
}

/** The image and what its build left in caches, so that a pull must bring and unpack everything. */
export function forget({ cli, pruneBuilds }: Peer, tag: string): void {
  if (cli === undefined) return;
  run(cli("rmi", "-f", tag));
  if (pruneBuilds !== undefined) run(pruneBuilds);
  tryRun(cli("image", "prune", "--force"));
}
