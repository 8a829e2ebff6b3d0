import { verified } from "../../content/verify.ts";
import { SlipwayError } from "../../errors.ts";
import { writableDirectory } from "../../layer/writable-directory.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Fetcher } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { DiffID } from "../../oci/digest.ts";
import { WorkerPool } from "../../platform/worker.ts";
import type { Snapshotter } from "../../snapshot/snapshotter.ts";
import type { Leases } from "../../state/leases.ts";
import type { LayerStore } from "../layer-store.ts";
import { ownDirectory } from "../own-directory.ts";
import type { LayerEntry } from "./layer-entry.ts";
import type { ListRequest, ListResult } from "./listing-tasks.ts";

/** Bytes of files in one layer that are listed from its blob: as many as are unpacked. */
const maxSize = 2 ** 40;

export interface ListerParts {
  readonly layers: LayerStore;
  readonly snapshotter: Snapshotter;
  readonly leases: Leases;
}

/** Lists what is in layers: from their snapshots where they are unpacked here, else from their blobs. */
export class LayerLister implements AsyncDisposable {
  readonly #parts: ListerParts;
  readonly #workers = new WorkerPool("src/image/listing/listing-worker.ts");

  constructor(parts: ListerParts) {
    this.#parts = parts;
  }

  /**
   * What the layer says of each name. `from` is asked for `blob` only when no snapshot holds the layer. Throws
   * `data_loss` when the blob is not what it should be, `invalid_argument` for a broken archive.
   */
  async list(
    layer: { readonly diffID: DiffID; readonly blob: Descriptor; readonly from: Fetcher },
    options: CallOptions & { isHashed?: boolean } = {},
  ): Promise<LayerEntry[]> {
    const held = this.#parts.layers.byDiffID(layer.diffID);
    if (held !== undefined) return await this.#listSnapshot(held.snapshot, options);
    await using reader = await layer.from.fetch(layer.blob, { signal: options.signal });
    const input = verified(reader, layer.blob);
    const request: ListRequest = { op: "tar", maxSize };
    const result = await this.#workers.run<ListResult>(request, { input, signal: options.signal });
    if (`sha256:${result.diffID}` !== String(layer.diffID)) {
      const what = `Layer "${layer.blob.digest}" is corrupted: its config says "${layer.diffID}"`;
      throw new SlipwayError("data_loss", what);
    }
    return result.entries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workers[Symbol.asyncDispose]();
  }

  async #listSnapshot(
    snapshot: string,
    options: CallOptions & { isHashed?: boolean },
  ): Promise<LayerEntry[]> {
    const { snapshotter, leases } = this.#parts;
    const key = `list-${crypto.randomUUID()}`;
    using lease = leases.create("list");
    lease.add(`snapshot/${key}`);
    lease.add(`snapshot/${snapshot}`);
    const mount = ownDirectory(snapshot, await snapshotter.view(key, snapshot));
    try {
      const { path, xattrs } = writableDirectory([mount]);
      const isHashed = options.isHashed === true;
      const request: ListRequest = { op: "directory", directory: path, xattrs, isHashed };
      return (await this.#workers.run<ListResult>(request, { signal: options.signal })).entries;
    } finally {
      await snapshotter.remove(key);
    }
  }
}
