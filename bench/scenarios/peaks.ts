import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, tryRun } from "../command.ts";
import { writeLayeredImage } from "../inputs/images-archive.ts";
import { busybox, type Inputs } from "../inputs/inputs.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";
import { insecure } from "./insecure.ts";
import { forget } from "./transfer.ts";

const layers = { layers: 5, layerSize: 60e6, seed: 3000 };
const image = "an image of 5 layers of 60 MB";

/** The most memory that an engine's processes have at once while they work. Slipway may take 250 MB, whatever others take. */
export const peakScenarios: readonly Scenario[] = [
  peak("memory-layer", "a step writes a layer of 2 GB and it is named", bigLayer),
  peak("memory-pull", `${image} is pulled`, pulled),
  peak("memory-load", `${image} is loaded`, loaded),
  peak("memory-import", "a tar of 1 GB is imported", imported),
];

interface Work {
  run(): void;
  clear(): void;
}

function peak(
  id: string,
  work: string,
  open: (peer: Peer, inputs: Inputs, place: string) => Work | undefined,
): Scenario {
  return {
    id,
    area: "memory",
    title: `engine's processes, at most, while ${work}`,
    unit: "MB",
    rounds: 1,
    warmUp: false,
    open: (peer, inputs) => peakProbe(peer, open(peer, inputs, inputs.scratch(`${id}-${peer.name}`))),
  };
}

function peakProbe({ enginePids }: Peer, work: Work | undefined): Probe | undefined {
  if (enginePids === undefined || work === undefined) return undefined;
  return {
    sample: () => {
      // From now on the kernel counts the peak anew (proc(5), "clear_refs").
      for (const pid of enginePids()) writeFileSync(`/proc/${pid}/clear_refs`, "5");
      work.run();
      return enginePids().reduce((sum, pid) => sum + peakOf(pid), 0);
    },
    close: () => work.clear(),
  };
}

/** The most memory the process had since its peak was reset, in MB. */
function peakOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1000;
}

function bigLayer(peer: Peer, _inputs: Inputs, place: string): Work | undefined {
  const cli = peer.buildCli ?? peer.cli;
  if (cli === undefined) return undefined;
  const step = "RUN dd if=/dev/zero of=/big bs=1M count=2048";
  writeFileSync(join(place, "Dockerfile"), `FROM ${busybox}\n${step}\n`);
  const tag = "bench-layer";
  return {
    run: () => void run(cli("build", "--no-cache", "-t", tag, place)),
    clear: () => {
      tryRun(cli("rmi", "-f", tag));
      if (peer.pruneBuilds !== undefined) run(peer.pruneBuilds);
    },
  };
}

function loaded(peer: Peer, _inputs: Inputs, place: string): Work | undefined {
  const { cli, enginePids } = peer;
  if (cli === undefined || enginePids === undefined) return undefined;
  const archive = join(place, "image.tar");
  writeLayeredImage(archive, { ...layers, name: "bench-peak:load" });
  return {
    run: () => void run(cli("load", "-i", archive)),
    clear: () => {
      forget(peer, "bench-peak:load");
      rmSync(place, { recursive: true, force: true });
    },
  };
}

function pulled(peer: Peer, { registry }: Inputs, place: string): Work | undefined {
  const { cli, enginePids } = peer;
  if (cli === undefined || enginePids === undefined || registry === undefined) return undefined;
  const archive = join(place, "image.tar");
  const tag = `${registry.host}/bench/${peer.name}:peak`;
  writeLayeredImage(archive, { ...layers, name: tag });
  run(cli("load", "-i", archive));
  run(cli("push", ...insecure(peer), tag));
  forget(peer, tag);
  rmSync(place, { recursive: true, force: true });
  return {
    run: () => void run(cli("pull", ...insecure(peer), tag)),
    clear: () => forget(peer, tag),
  };
}

/** A file of zeros: the tar of it has all its bytes. */
function imported({ cli, enginePids }: Peer, _inputs: Inputs, place: string): Work | undefined {
  if (cli === undefined || enginePids === undefined) return undefined;
  const big = join(place, "big.tar");
  const make = `cd "$1" && truncate -s 1G big && tar --format=ustar -cf big.tar big && rm big`;
  run({ argv: ["sh", "-c", make, "sh", place] });
  return {
    run: () => void run(cli("import", big, "bench-big")),
    clear: () => {
      tryRun(cli("rmi", "-f", "bench-big"));
      rmSync(place, { recursive: true, force: true });
    },
  };
}
