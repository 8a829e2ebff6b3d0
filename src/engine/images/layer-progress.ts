import type { CopyProgress } from "../../image/copy.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { layerCompression } from "../../oci/media-types.ts";
import type { TransferProgress } from "../types/image.ts";

/** Twelve digits of a digest: how Docker names a layer in its progress. */
export function shortDigest(descriptor: Descriptor): string {
  return descriptor.digest.slice(descriptor.digest.indexOf(":") + 1).slice(0, 12);
}

const words = {
  Pull: {
    moving: "Downloading",
    moved: "Download complete",
    exists: "Already exists",
    mounted: "Already exists",
  },
  Push: { moving: "Pushing", moved: "Pushed", exists: "Layer already exists", mounted: "Mounted" },
} as const;

/** Turns the progress of a copy and an unpack into Docker's lines, one layer an ID. Configs and manifests are not shown. */
export class LayerProgress {
  readonly #report: (line: TransferProgress) => void;
  readonly #words: (typeof words)["Pull" | "Push"];
  readonly #unpacked = new Set<string>();
  /** Layers that have their last word: what is looked at again is no news. */
  readonly #settled = new Set<string>();

  constructor(report: (line: TransferProgress) => void, direction: "Pull" | "Push") {
    this.#report = report;
    this.#words = words[direction];
  }

  copied({ descriptor, state, bytes }: CopyProgress): void {
    if (layerCompression(descriptor.mediaType) === undefined) return;
    const id = shortDigest(descriptor);
    if (this.#settled.has(id)) return;
    if (state !== "transferring") this.#settled.add(id);
    switch (state) {
      case "exists":
      case "mounted":
        return this.#report({ id, status: this.#words[state], progressDetail: {} });
      case "transferring": {
        const progressDetail = { current: bytes, total: descriptor.size };
        return this.#report({ id, status: this.#words.moving, progressDetail });
      }
      case "done":
        return this.#report({ id, status: this.#words.moved, progressDetail: {} });
    }
  }

  unpacked({ layer, state }: { layer: Descriptor; state: "exists" | "unpacking" | "done" }): void {
    if (state === "exists" || this.#unpacked.has(`${layer.digest} ${state}`)) return;
    this.#unpacked.add(`${layer.digest} ${state}`);
    const status = state === "done" ? "Pull complete" : "Extracting";
    this.#report({ id: shortDigest(layer), status, progressDetail: {} });
  }
}
