import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run, timed, tryRun } from "../command.ts";
import { writeLayeredImage } from "../inputs/images-archive.ts";
import type { Inputs } from "../inputs/inputs.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";
import { insecure } from "./insecure.ts";
import { forget } from "./transfer.ts";

interface Shape {
  readonly id: string;
  readonly title: string;
  readonly layers: number;
  readonly layerSize: number;
}

/** One layer cannot be worked on side by side, sixty have their price each. */
const shapes: readonly Shape[] = [
  { id: "one", title: "one layer of 100 MB", layers: 1, layerSize: 100e6 },
  { id: "five", title: "5 layers of 20 MB", layers: 5, layerSize: 20e6 },
  { id: "sixty", title: "60 layers of 1 MB", layers: 60, layerSize: 1e6 },
];

const works: Readonly<
  Record<string, (peer: Peer, images: ShapedImages, inputs: Inputs) => Probe | undefined>
> = {
  save,
  load,
  push,
  pull,
};

/** Images of three shapes go out and come in, as archives and through Debian's `docker-registry` on the loopback. */
export const shapeScenarios: readonly Scenario[] = Object.entries(works).flatMap(([work, probe]) =>
  shapes.map((shape) => ({
    id: `${work}-${shape.id}`,
    area: "transfer" as const,
    title: `\`${work}\` of ${shape.title}`,
    unit: "ms" as const,
    podman: false,
    rounds: 3,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: (peer: Peer, inputs: Inputs) => {
      const repository = work === "push" || work === "pull" ? peer.name : "all";
      return probe(peer, new ShapedImages(shape, inputs, repository), inputs);
    },
  })),
);

/** The images of one shape, another one for each round. */
class ShapedImages {
  readonly tag: string;
  readonly #shape: Shape;
  readonly #directory: string;

  /** `repository`: of the peer's own, where the registry must not know the layers from others. */
  constructor(shape: Shape, { directory, registry }: Inputs, repository: string) {
    this.tag = `${registry?.host ?? "localhost"}/bench/${repository}:${shape.id}`;
    this.#shape = shape;
    this.#directory = join(directory, `shape-${shape.id}`);
  }

  /** Path of the round's archive, made when it is first asked for. */
  archive(round: number): string {
    mkdirSync(this.#directory, { recursive: true });
    const path = join(this.#directory, `${this.tag.replace(/\W/g, "-")}-${round}.tar`);
    if (!existsSync(path)) writeLayeredImage(path, { ...this.#shape, name: this.tag, seed: round });
    return path;
  }

  clear(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function save({ cli, name }: Peer, images: ShapedImages): Probe | undefined {
  if (cli === undefined) return undefined;
  const loaded = images.archive(0);
  run(cli("load", "-i", loaded));
  const saved = `${loaded}.${name}`;
  return {
    sample: () => {
      rmSync(saved, { force: true });
      return timed(cli("save", "-o", saved, images.tag));
    },
    close: () => {
      tryRun(cli("rmi", "-f", images.tag));
      images.clear();
    },
  };
}

/** Nobody has seen the round's layers before. */
function load({ cli }: Peer, images: ShapedImages): Probe | undefined {
  if (cli === undefined) return undefined;
  return {
    sample: (round) => {
      const took = timed(cli("load", "-i", images.archive(round)));
      run(cli("rmi", "-f", images.tag));
      return took;
    },
    close: () => images.clear(),
  };
}

/** Every image is new to peer and registry alike: nobody has compressed its layers before. */
function push(peer: Peer, images: ShapedImages, { registry }: Inputs): Probe | undefined {
  const { cli } = peer;
  if (cli === undefined || registry === undefined) return undefined;
  return {
    sample: (round) => {
      // What a pull or save brought has other seeds.
      run(cli("load", "-i", images.archive(round + 1000)));
      const took = timed(cli("push", ...insecure(peer), images.tag));
      run(cli("rmi", "-f", images.tag));
      return took;
    },
    close: () => images.clear(),
  };
}

function pull(peer: Peer, images: ShapedImages, { registry }: Inputs): Probe | undefined {
  const { cli } = peer;
  if (cli === undefined || registry === undefined) return undefined;
  run(cli("load", "-i", images.archive(2000)));
  run(cli("push", ...insecure(peer), images.tag));
  forget(peer, images.tag);
  return {
    sample: () => {
      const took = timed(cli("pull", ...insecure(peer), images.tag));
      forget(peer, images.tag);
      return took;
    },
    close: () => images.clear(),
  };
}
