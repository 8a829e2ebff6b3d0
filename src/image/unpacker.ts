import { availableParallelism } from "node:os";
import { errorMessage, isCode, SlipwayError } from "../errors.ts";
import { CleanupStack } from "../internal/cleanup-stack.ts";
import { KeyedMutex } from "../internal/keyed-mutex.ts";
import { Limiter } from "../internal/limiter.ts";
import type { Differ } from "../layer/differ.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Fetcher } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { chainID, parseDiffID, type ChainID, type DiffID } from "../oci/digest.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import type { Manifest } from "../oci/manifest.ts";
import { layerCompression } from "../oci/media-types.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Lease, Leases } from "../state/leases.ts";
import type { CompressedLayers } from "./compressed-layers.ts";
import type { LayerRecord, LayerStore } from "./layer-store.ts";

/** Where the layers of an image are: a stack, and the committed snapshot to stand on. */
export interface Unpacked {
  readonly chainID: ChainID;
  readonly snapshot: string;
}

/** A layer in an active snapshot, which nothing stands on and which stands on nothing yet. */
export interface UnpackedAhead {
  readonly key: string;
  readonly diffID: DiffID;
  /** Removes it, where it is not needed. */
  drop(): Promise<void>;
}

/** Layers that are unpacked before {@link Unpacker.unpack} is asked for them. */
export interface LayersAhead {
  /** The layer, once it is unpacked: the caller's from then on. Undefined when it is not, or is taken already. */
  take(layer: Descriptor): Promise<UnpackedAhead | undefined>;
}

export interface UnpackOptions extends CallOptions {
  /** Holds what is unpacked also after the call. */
  readonly lease?: Lease;
  /** How many layers unpack side by side. Default 3. */
  readonly concurrency?: number;
  readonly ahead?: LayersAhead;
  readonly onProgress?: (progress: { layer: Descriptor; state: "exists" | "unpacking" | "done" }) => void;
}

interface Step {
  readonly layer: Descriptor;
  readonly diffID: DiffID;
  readonly chainID: ChainID;
  readonly parent: ChainID | undefined;
}

/** Turns layers into committed snapshots. One object serves an engine, so that no two calls unpack the same layer. */
export class Unpacker {
  readonly #parts: UnpackerParts;
  readonly #locks = new KeyedMutex();

  constructor(parts: UnpackerParts) {
    this.#parts = parts;
  }

  /**
   * Unpacks the layers that are not held yet, side by side, each into a directory of its own, and commits them bottom
   * up. Idempotent. Undefined for an image without layers. Throws `data_loss` and names the layer when a diffID is
   * not the config's. A failure leaves the layers below it, and nothing of its own.
   */
  async unpack(
    manifest: Manifest,
    config: ImageConfig,
    from: Fetcher,
    options: UnpackOptions = {},
  ): Promise<Unpacked | undefined> {
    const steps = stepsOf(manifest, config);
    const stop = new AbortController();
    const signal =
      options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
    const limiter = new Limiter(options.concurrency ?? Math.min(3, availableParallelism()));
    using own = this.#parts.leases.create("unpack");
    const lease = options.lease ?? own;
    let below: Promise<LayerRecord | undefined> = Promise.resolve(undefined);
    const tasks = steps.map((step) => {
      const parent = below;
      below = this.#step(step, parent, { from, limiter, lease, options: { ...options, signal } });
      below.catch((error: unknown) => stop.abort(error));
      return below;
    });
    const [failed] = (await Promise.allSettled(tasks)).filter((task) => task.status === "rejected");
    if (failed !== undefined) throw stop.signal.reason ?? failed.reason;
    const top = await below;
    return top === undefined ? undefined : { chainID: top.chainID, snapshot: top.snapshot };
  }

  /** Whether the layer is unpacked somewhere, as far as its blob is known. */
  isHeld({ digest, mediaType }: Descriptor): boolean {
    const { layers, compressed } = this.#parts;
    if (layerCompression(mediaType) !== "none") {
      const known = compressed.find(digest);
      return known !== undefined && layers.byDiffID(known.diffID) !== undefined;
    }
    return digest.startsWith("sha256:") && layers.byDiffID(parseDiffID(digest)) !== undefined;
  }

  /** Unpacks a layer for whoever turns out to need it. A failure leaves nothing. Throws as {@link unpack}. */
  async unpackAhead(
    layer: Descriptor,
    from: Fetcher,
    { lease, signal }: CallOptions & { readonly lease: Lease },
  ): Promise<UnpackedAhead> {
    const { snapshotter } = this.#parts;
    signal?.throwIfAborted();
    const key = `unpack-${crypto.randomUUID()}`;
    lease.add(`snapshot/${key}`);
    await using undo = new CleanupStack();
    const diffID = await this.#fill(key, layer, { from, undo, signal });
    undo.release();
    return { key, diffID, drop: () => snapshotter.remove(key) };
  }

  /** Whoever holds the lock of a chain waits only for chains below it, so no two calls wait for each other. */
  async #step(step: Step, parent: Promise<LayerRecord | undefined>, run: Run): Promise<LayerRecord> {
    const { layers } = this.#parts;
    using _lock = await this.#locks.lock(step.chainID);
    const known = layers.get(step.chainID);
    if (known !== undefined) {
      run.lease.add(`snapshot/${known.snapshot}`);
      run.options.onProgress?.({ layer: step.layer, state: "exists" });
      await parent;
      return known;
    }
    await using undo = new CleanupStack();
    const key = await this.#apply(step, run, undo);
    const record = await this.#commit(step, key, await parent, run);
    undo.release();
    run.options.onProgress?.({ layer: step.layer, state: "done" });
    return record;
  }

  async #apply(step: Step, run: Run, undo: CleanupStack): Promise<string> {
    const early = await this.#early(step, run, undo);
    const key = early?.key ?? `unpack-${crypto.randomUUID()}`;
    const apply = async (): Promise<DiffID> => {
      run.options.signal?.throwIfAborted();
      run.options.onProgress?.({ layer: step.layer, state: "unpacking" });
      run.lease.add(`snapshot/${key}`);
      return await this.#fill(key, step.layer, { from: run.from, undo, signal: run.options.signal });
    };
    const diffID = early?.diffID ?? (await run.limiter.run(apply));
    if (diffID !== step.diffID) throw wrongDiffID(step, diffID);
    if (layerCompression(step.layer.mediaType) !== "none")
      this.#parts.compressed.add(step.diffID, step.layer);
    return key;
  }

  async #early(step: Step, run: Run, undo: CleanupStack): Promise<UnpackedAhead | undefined> {
    const early = await run.options.ahead?.take(step.layer);
    if (early === undefined) return undefined;
    undo.push(() => early.drop());
    run.lease.add(`snapshot/${early.key}`);
    return early;
  }

  async #fill(
    key: string,
    layer: Descriptor,
    { from, undo, signal }: CallOptions & { readonly from: Fetcher; readonly undo: CleanupStack },
  ): Promise<DiffID> {
    const { snapshotter, differ } = this.#parts;
    const mounts = await snapshotter.prepare(key);
    undo.push(() => snapshotter.remove(key));
    return await differ
      .apply(layer, from, mounts, { signal })
      .catch((error: unknown) => nameLayer(layer, error));
  }

  async #commit(step: Step, key: string, parent: LayerRecord | undefined, run: Run): Promise<LayerRecord> {
    const { snapshotter, layers } = this.#parts;
    run.options.signal?.throwIfAborted();
    run.lease.add(`snapshot/${step.chainID}`);
    await this.#commitOrAdopt(step.chainID, key, parent);
    const { bytes, contentBytes } = await snapshotter.usage(step.chainID);
    const record = {
      chainID: step.chainID,
      diffID: step.diffID,
      snapshot: step.chainID,
      size: bytes,
      contentSize: contentBytes,
      ...(step.parent !== undefined && { parent: step.parent }),
    };
    layers.add(record);
    return record;
  }

  /** A snapshot of that name without a record was committed right before a crash: it is whole, and is used. */
  async #commitOrAdopt(name: ChainID, key: string, parent: LayerRecord | undefined): Promise<void> {
    const { snapshotter } = this.#parts;
    try {
      await snapshotter.commit(name, key, parent === undefined ? {} : { parent: parent.snapshot });
    } catch (error) {
      if (!isCode(error, "conflict") || (await snapshotter.stat(name)).kind !== "committed") throw error;
      await snapshotter.remove(key);
    }
  }
}

export interface UnpackerParts {
  readonly snapshotter: Snapshotter;
  readonly differ: Pick<Differ, "apply">;
  readonly layers: LayerStore;
  readonly compressed: CompressedLayers;
  readonly leases: Leases;
}

interface Run {
  readonly from: Fetcher;
  readonly limiter: Limiter;
  readonly lease: Lease;
  readonly options: UnpackOptions;
}

function stepsOf(manifest: Manifest, config: ImageConfig): Step[] {
  const diffIDs = config.rootfs.diff_ids.map(parseDiffID);
  if (diffIDs.length !== manifest.layers.length) {
    const counts = `${manifest.layers.length} layers in its manifest, ${diffIDs.length} in its config`;
    throw new SlipwayError("invalid_argument", `Invalid image "${manifest.config.digest}": ${counts}`);
  }
  const steps: Step[] = [];
  for (const [at, layer] of manifest.layers.entries()) {
    const chain = chainID(diffIDs.slice(0, at + 1));
    const diffID = diffIDs[at];
    if (chain !== undefined && diffID !== undefined) {
      steps.push({ layer, diffID, chainID: chain, parent: steps.at(-1)?.chainID });
    }
  }
  return steps;
}

function nameLayer(layer: Descriptor, error: unknown): never {
  if (isCode(error, "cancelled") || errorMessage(error).includes(layer.digest)) throw error;
  const code = error instanceof SlipwayError ? error.code : "internal";
  const what = `Cannot unpack layer "${layer.digest}": ${errorMessage(error)}`;
  throw new SlipwayError(code, what, { cause: error });
}

function wrongDiffID(step: Step, got: DiffID): SlipwayError {
  const what = `Layer "${step.layer.digest}" is corrupted: it unpacks to "${got}", the image's config says "${step.diffID}"`;
  return new SlipwayError("data_loss", what);
}
