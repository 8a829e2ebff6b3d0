import { verified } from "../../content/verify.ts";
import { SlipwayError } from "../../errors.ts";
import { layerDirectories, type LayerDirectories } from "../../layer/layer-directories.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Fetcher } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { DiffID } from "../../oci/digest.ts";
import { WorkerPool } from "../../platform/worker.ts";
import type { Snapshotter } from "../../snapshot/snapshotter.ts";
import type { Leases } from "../../state/leases.ts";
import type { LayerStore } from "../layer-store.ts";
import type { LayerEntry } from "./layer-entry.ts";
import type { ListRequest, ListResult } from "./listing-tasks.ts";

/** Bytes of files in one layer that are listed from its blob: as many as are unpacked. */
const maxSize = 2 ** 40;

export interface ListerParts {
  readonly layers: LayerStore;
  readonly snapshotter: Snapshotter;
  readonly leases: Leases;
}

/** A layer of an image, and the blob its manifest names for it. */
export interface ListedLayer {
  readonly diffID: DiffID;
  readonly blob: Descriptor;
}

/** Lists what is in layers: from their snapshots where they are unpacked here, else from their blobs. */
export class LayerLister implements AsyncDisposable {
  readonly #parts: ListerParts;
  readonly #workers = new WorkerPool("src/image/listing/listing-worker.ts");

  constructor(parts: ListerParts) {
    this.#parts = parts;
  }

  /**
   * What the layer says of each name. `from` is asked for its blob only when no snapshot holds the layer; files are then
   * hashed. Throws as {@link listBlob}.
   */
  async list(layer: ListedLayer, from: Fetcher, options: CallOptions = {}): Promise<LayerEntry[]> {
    const held = this.#parts.layers.byDiffID(layer.diffID);
    if (held === undefined) return await this.listBlob(layer, from, options);
    return await this.listSnapshot(held.snapshot, options);
  }

  /** The files that are unpacked in a committed snapshot. */
  async listSnapshot(
    snapshot: string,
    { signal, isHashed }: CallOptions & { readonly isHashed?: boolean } = {},
  ): Promise<LayerEntry[]> {
    return await this.#inSnapshot(snapshot, async ({ paths: directories, xattrs }) => {
      const request: ListRequest = { op: "directory", directories, xattrs };
      const { entries } = await this.#workers.run<ListResult>(request, { signal });
      if (isHashed !== true) return entries;
      const paths = entries.filter(({ kind }) => kind === "file").map((entry) => entry.path);
      const hash: ListRequest = { op: "hash", directories, paths };
      const hashes = await this.#workers.run<string[]>(hash, { signal });
      const byPath = new Map(paths.map((name, at) => [name, hashes[at] ?? ""]));
      return entries.map((entry) =>
        entry.kind === "file" ? { ...entry, sha256: byPath.get(entry.path) ?? "" } : entry,
      );
    });
  }

  /**
   * What the layer's blob says, with files hashed. Throws `data_loss` when the blob is not what it should be,
   * `invalid_argument` for a broken archive.
   */
  async listBlob(
    { diffID, blob }: ListedLayer,
    from: Fetcher,
    { signal }: CallOptions = {},
  ): Promise<LayerEntry[]> {
    await using reader = await from.fetch(blob, { signal });
    const input = verified(reader, blob);
    const request: ListRequest = { op: "tar", maxSize };
    const result = await this.#workers.run<ListResult>(request, { input, signal });
    if (`sha256:${result.diffID}` === String(diffID)) return result.entries;
    const what = `Layer "${blob.digest}" is corrupted: its config says "${diffID}"`;
    throw new SlipwayError("data_loss", what);
  }

  /** The sha256 (hex) of files that {@link list} found in a layer's snapshot, in the order of `paths`. */
  async hash(diffID: DiffID, paths: readonly string[], { signal }: CallOptions = {}): Promise<string[]> {
    const held = this.#parts.layers.byDiffID(diffID);
    if (held === undefined) throw new SlipwayError("not_found", `Layer "${diffID}" is gone`);
    return await this.#inSnapshot(held.snapshot, async ({ paths: directories }) => {
      const request: ListRequest = { op: "hash", directories, paths };
      return await this.#workers.run<string[]>(request, { signal });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workers[Symbol.asyncDispose]();
  }

  async #inSnapshot<T>(snapshot: string, work: (layer: LayerDirectories) => Promise<T>): Promise<T> {
    const { snapshotter, leases } = this.#parts;
    using lease = leases.create("list");
    lease.add(`snapshot/${snapshot}`);
    return await work(layerDirectories(await snapshotter.layer(snapshot)));
  }
}
