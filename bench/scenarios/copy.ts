import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, timed, tryRun } from "../command.ts";
import { busybox, type Inputs } from "../inputs/inputs.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";

const tag = "bench-copy";

/** A big context of small files. */
export const copyScenarios: readonly Scenario[] = [
  {
    id: "copy-cold",
    area: "copy",
    title: "build with COPY of 20,000 files, 380 MB, never seen",
    unit: "ms",
    rounds: 2,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: cold,
  },
  {
    id: "copy-cached",
    area: "copy",
    title: "the same, nothing changed",
    unit: "ms",
    rounds: 3,
    goal: { peer: "docker", ratio: 1 / 3 },
    open: (peer, inputs) => again(peer, inputs, () => {}),
  },
  {
    id: "copy-one-changed",
    area: "copy",
    title: "the same, one file changed",
    unit: "ms",
    rounds: 2,
    goal: { peer: "docker", ratio: 1 / 3 },
    open: (peer, inputs) =>
      again(peer, inputs, (context, round) =>
        writeFileSync(join(context, "files/d7/f700"), `changed in round ${round}\n`),
      ),
  },
];

/** Every sample has a tree of its own, flushed to disk, so that no cache of anybody knows it. */
function cold(peer: Peer, inputs: Inputs): Probe | undefined {
  const cli = peer.buildCli ?? peer.cli;
  const source = inputs.bigTree();
  const place = inputs.scratch(`copy-${peer.name}`);
  if (cli === undefined && peer.name !== "cp -a") return undefined;
  return {
    sample: () => {
      const context = fresh(source, join(place, "context"));
      const target = join(place, "target");
      if (cli === undefined) {
        rmSync(target, { recursive: true, force: true });
        return timed({ argv: ["cp", "-a", context, target] });
      }
      if (peer.pruneBuilds !== undefined) run(peer.pruneBuilds);
      return timed(cli("build", "--no-cache", "-t", tag, context));
    },
    close: () => {
      if (cli !== undefined) tryRun(cli("rmi", "-f", tag));
      rmSync(place, { recursive: true, force: true });
    },
  };
}

function fresh(source: string, context: string): string {
  rmSync(context, { recursive: true, force: true });
  run({ argv: ["cp", "-a", source, context] });
  writeFileSync(join(context, "Dockerfile"), `FROM ${busybox}\nCOPY files /files\n`);
  run({ argv: ["sync"] });
  return context;
}

function again(
  peer: Peer,
  inputs: Inputs,
  change: (context: string, round: number) => void,
): Probe | undefined {
  const cli = peer.buildCli ?? peer.cli;
  if (cli === undefined) return undefined;
  const context = fresh(inputs.bigTree(), join(inputs.scratch(`copy-${peer.name}`), "context"));
  run(cli("build", "-t", tag, context));
  return {
    sample: (round) => {
      change(context, round);
      return timed(cli("build", "-t", tag, context));
    },
    close: () => {
      tryRun(cli("rmi", "-f", tag));
      rmSync(context, { recursive: true, force: true });
    },
  };
}
