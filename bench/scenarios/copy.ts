import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, timed, tryRun } from "../command.ts";
import { busybox, type Inputs } from "../inputs/inputs.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";

const tag = "bench-copy";

/** A big context of small files. None warms up: the first build of a context is made before the cached ones are measured. */
export const copyScenarios: readonly Scenario[] = [
  {
    id: "copy-cold",
    area: "copy",
    title: "build with COPY of 20,000 files, 380 MB, never seen",
    unit: "ms",
    podman: false,
    rounds: 3,
    warmUp: false,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: cold,
  },
  {
    id: "copy-cached",
    area: "copy",
    title: "the same, nothing changed",
    unit: "ms",
    podman: false,
    rounds: 4,
    warmUp: false,
    goal: { peer: "docker", ratio: 1 / 3 },
    open: (peer, inputs) => again(peer, inputs, () => {}),
  },
  {
    id: "copy-one-changed",
    area: "copy",
    title: "the same, one file changed",
    unit: "ms",
    podman: false,
    rounds: 4,
    warmUp: false,
    goal: { peer: "docker", ratio: 1 / 3 },
    open: (peer, inputs) =>
      again(peer, inputs, (context, round) =>
        writeFileSync(join(context, "files/d7/f700"), `changed in round ${round}\n`),
      ),
  },
];

/** Every file has a new time in each sample, flushed to disk: no cache of anybody knows it. */
function cold(peer: Peer, inputs: Inputs): Probe | undefined {
  const cli = peer.buildCli ?? peer.cli;
  if (cli === undefined && peer.name !== "cp -a") return undefined;
  const place = inputs.scratch(`copy-${peer.name}`);
  const context = contextOf(inputs, place);
  const target = join(place, "target");
  return {
    sample: () => {
      rmSync(target, { recursive: true, force: true });
      if (peer.pruneBuilds !== undefined) run(peer.pruneBuilds);
      touchAll(context);
      if (cli === undefined) return timed({ argv: ["cp", "-a", context, target] });
      return timed(cli("build", "--no-cache", "-t", tag, context));
    },
    close: () => {
      if (cli !== undefined) tryRun(cli("rmi", "-f", tag));
      rmSync(place, { recursive: true, force: true });
    },
  };
}

function contextOf(inputs: Inputs, place: string): string {
  const context = join(place, "context");
  run({ argv: ["cp", "-a", inputs.bigTree(), context] });
  writeFileSync(join(context, "Dockerfile"), `FROM ${busybox}\nCOPY files /files\n`);
  run({ argv: ["sync"] });
  return context;
}

function touchAll(context: string): void {
  run({ argv: ["find", join(context, "files"), "-type", "f", "-exec", "touch", "{}", "+"] });
  run({ argv: ["sync"] });
}

function again(
  peer: Peer,
  inputs: Inputs,
  change: (context: string, round: number) => void,
): Probe | undefined {
  const cli = peer.buildCli ?? peer.cli;
  if (cli === undefined) return undefined;
  const place = inputs.scratch(`copy-${peer.name}`);
  const context = contextOf(inputs, place);
  run(cli("build", "-t", tag, context));
  return {
    sample: (round) => {
      change(context, round);
      return timed(cli("build", "-t", tag, context));
    },
    close: () => {
      tryRun(cli("rmi", "-f", tag));
      rmSync(place, { recursive: true, force: true });
    },
  };
}
