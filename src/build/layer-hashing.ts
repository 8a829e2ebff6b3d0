import type { Digest } from "../oci/digest.ts";
import { stepsOf } from "./export-image.ts";
import type { LayerHashes } from "./layer-hashes.ts";
import type { Solved } from "./solving.ts";
import type { BuildPlan, Vertex } from "./vertex.ts";

/** Hashes the layers of one build's image as they come, while later steps run. */
export class LayerHashing {
  readonly #hashes: LayerHashes;
  readonly #layers: ReadonlySet<Digest>;
  readonly #signal: AbortSignal;
  readonly #running: Promise<unknown>[] = [];

  constructor(hashes: LayerHashes, plan: BuildPlan, signal: AbortSignal) {
    this.#hashes = hashes;
    this.#layers = new Set(stepsOf(plan.target).map((vertex) => vertex.digest));
    this.#signal = signal;
  }

  /** The export asks for the hash again and meets a failure there. */
  begin(vertex: Vertex, { snapshot }: Solved): void {
    if (snapshot === undefined || vertex.op.kind === "image" || !this.#layers.has(vertex.digest)) return;
    this.#running.push(this.#hashes.of(snapshot, { signal: this.#signal }).catch(() => undefined));
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}
