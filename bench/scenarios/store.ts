import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, timed, tryRun } from "../command.ts";
import type { Inputs } from "../inputs/inputs.ts";
import { imagesArchive } from "../inputs/images-archive.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";
import { insecure } from "./insecure.ts";

const files = "5,000 files, 95 MB";

/** Images come, go and are looked at. */
export const storeScenarios: readonly Scenario[] = [
  {
    id: "pull-small-files",
    area: "store",
    title: `\`pull\` of one gzip layer with ${files} (floor: \`tar xz\` of it)`,
    unit: "ms",
    podman: false,
    rounds: 3,
    warmUp: false,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: pullFiles,
  },
  {
    id: "save-small-files",
    area: "store",
    title: `\`save\` of an image with ${files}`,
    unit: "ms",
    podman: false,
    rounds: 3,
    warmUp: false,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: saveFiles,
  },
  {
    id: "load-small-files",
    area: "store",
    title: `\`load\` of ${files}, as each peer saved them itself`,
    unit: "ms",
    podman: false,
    rounds: 3,
    warmUp: false,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: loadFiles,
  },
  ...[10, 1000].map((amount): Scenario => ({
    id: `images-store-${amount}`,
    area: "store",
    title: `\`images\` with ${amount.toLocaleString("en")} images`,
    unit: "ms",
    podman: false,
    rounds: 10,
    scale: { series: "`images`, images", amount },
    open: (peer, inputs) => listMany(peer, inputs, amount),
  })),
];

/** The layer, made once, by GNU tar and gzip: what a pull gets and what the floor unpacks. */
function layerOf(inputs: Inputs): string {
  const path = join(inputs.directory, "files.tar.gz");
  if (existsSync(path)) return path;
  const source = inputs.tree("small-files", 5000, 19_000);
  run({ argv: ["tar", "-C", source, "--owner=0", "--group=0", "-czf", path, "files"] });
  return path;
}

function pullFiles(peer: Peer, inputs: Inputs): Probe | undefined {
  const place = inputs.scratch(`pull-files-${peer.name.replace(/\W/g, "")}`);
  if (peer.name === "tar") {
    const layer = layerOf(inputs);
    const target = join(place, "target");
    return {
      sample: () => {
        rmSync(target, { recursive: true, force: true });
        mkdirSync(target);
        return timed({ argv: ["tar", "-C", target, "-xzf", layer] });
      },
      close: () => rmSync(place, { recursive: true, force: true }),
    };
  }
  const { cli } = peer;
  if (cli === undefined || inputs.registry === undefined) return undefined;
  const tag = `${inputs.registry.host}/bench/${peer.name}:files`;
  // `import` keeps the tar, but each engine compresses it for its push: the bytes differ a little, the files do not.
  run(cli("import", layerOf(inputs), tag));
  run(cli("push", ...insecure(peer), tag));
  run(cli("rmi", "-f", tag));
  return {
    sample: () => {
      const took = timed(cli("pull", ...insecure(peer), tag));
      run(cli("rmi", "-f", tag));
      return took;
    },
  };
}

function saveFiles(peer: Peer, inputs: Inputs): Probe | undefined {
  const { cli } = peer;
  if (cli === undefined) return undefined;
  const target = join(inputs.scratch(`save-${peer.name}`), "image.tar");
  run(cli("import", layerOf(inputs), "bench-save"));
  return {
    sample: () => {
      rmSync(target, { force: true });
      return timed(cli("save", "-o", target, "bench-save"));
    },
    close: () => {
      rmSync(target, { force: true });
      tryRun(cli("rmi", "-f", "bench-save"));
    },
  };
}

function loadFiles(peer: Peer, inputs: Inputs): Probe | undefined {
  const { cli } = peer;
  if (cli === undefined) return undefined;
  const archive = join(inputs.scratch(`load-${peer.name}`), "image.tar");
  run(cli("import", layerOf(inputs), "bench-load"));
  run(cli("save", "-o", archive, "bench-load"));
  run(cli("rmi", "-f", "bench-load"));
  return {
    sample: () => {
      settle(archive);
      const took = timed(cli("load", "-i", archive));
      run(cli("rmi", "-f", "bench-load"));
      return took;
    },
    close: () => rmSync(archive, { force: true }),
  };
}

/** Writes out what earlier turns left in memory: else who flushes pays for who does not. */
function settle(path: string): void {
  run({ argv: ["sync", "--file-system", path] });
}

function listMany({ cli, name }: Peer, inputs: Inputs, amount: number): Probe | undefined {
  if (cli === undefined) return undefined;
  const archive = join(inputs.scratch(`images-${name}`), "images.tar");
  const names = Array.from({ length: amount }, (_, index) => `bench-many:${index}`);
  writeFileSync(archive, imagesArchive(names));
  run(cli("load", "-i", archive));
  return { sample: () => timed(cli("images")), close: () => void tryRun(cli("rmi", "-f", ...names)) };
}
