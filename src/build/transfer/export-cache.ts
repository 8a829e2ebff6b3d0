import type { ImageStore } from "../../image/image-store.ts";
import { copy } from "../../image/copy.ts";
import type { PushCompressor } from "../../image/push-compressor.ts";
import { isCode } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Fetcher } from "../../oci/content.ts";
import { parseDiffID, type Digest } from "../../oci/digest.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import { hostPlatform } from "../../oci/platform.ts";
import type { BuildCache } from "../cache.ts";
import { baseOf, putImage, stepsOf } from "../export-image.ts";
import { imageLayers, type Layer, type LayerParts } from "../image-layers.ts";
import type { Solved } from "../solving.ts";
import type { BuildPlan, Vertex } from "../vertex.ts";
import { cacheMember, type TransferMount, type TransferRecord } from "./cache-document.ts";
import type { CacheExportOptions, CacheSource } from "./cache-places.ts";
import type { ImportedCaches } from "./imported-caches.ts";
import { openCache, type CacheRegistry } from "./open-cache.ts";
import type { PackMount } from "./pack-mounts.ts";

export interface CacheExportParts extends LayerParts {
  readonly images: ImageStore;
  readonly cache: BuildCache;
  readonly compressor: Pick<PushCompressor, "forPush">;
  readonly imported: ImportedCaches;
  readonly packMount: PackMount;
  /** Seconds: with one, when a step was carried out is nobody's business. */
  readonly epoch: number | undefined;
}

/** What a build that has ended leaves to be exported. */
export interface SolvedPlans {
  readonly plans: readonly BuildPlan[];
  readonly results: ReadonlyMap<Digest, Solved>;
  /** Keys of the steps that were found in a cache and whose layers nobody wanted. */
  readonly remote: ReadonlyMap<Digest, Digest>;
}

/** Writes the results of a build's steps where other engines find them, with the layers they need. */
export async function exportCache(
  parts: CacheExportParts,
  build: SolvedPlans,
  to: CacheSource & CacheExportOptions,
  registry: CacheRegistry,
  { signal }: CallOptions,
): Promise<void> {
  const steps = new ExportedSteps(parts, build, { signal });
  for (const vertex of verticesOf(build.plans, to.mode)) await steps.add(vertex);
  const mounts = await steps.addMounts(mountIDs(build.plans, to.mounts));
  const { os, architecture } = hostPlatform();
  const config: ImageConfig = { os, architecture, rootfs: steps.rootfs() };
  const document = { records: steps.records, ...(mounts.length > 0 && { mounts }) };
  const whole = { ...config, [cacheMember]: document } as ImageConfig;
  const plain = { images: parts.images, lease: parts.lease };
  const { manifest } = await putImage(plain, steps.layers, whole, { signal });
  const { compression = "gzip" } = to;
  const sent =
    compression === "uncompressed"
      ? manifest
      : await parts.compressor.forPush(manifest, { signal, lease: parts.lease, compression });
  using opened = await openCache(to, registry, { create: true });
  await copy(storedOrImported(parts), sent, opened.target, opened.tag, { signal });
}

/** The records of the layers of one image, to stand in its own config. */
export async function inlineRecords(
  parts: CacheExportParts,
  build: SolvedPlans,
  plan: BuildPlan,
  options: CallOptions,
): Promise<TransferRecord[]> {
  const steps = new ExportedSteps(parts, build, options);
  for (const vertex of stepsOf(plan.target)) await steps.add(vertex);
  return steps.records;
}

/** Steps, and the layers of all of them, each once. */
class ExportedSteps {
  readonly records: TransferRecord[] = [];
  readonly layers: Layer[] = [];
  readonly #positions = new Map<string, number>();
  readonly #parts: CacheExportParts;
  readonly #build: SolvedPlans;
  readonly #options: CallOptions;

  constructor(parts: CacheExportParts, build: SolvedPlans, options: CallOptions) {
    this.#parts = parts;
    this.#build = build;
    this.#options = options;
  }

  /** A step that was not needed, and so has no result, is left out. */
  async add(vertex: Vertex): Promise<void> {
    if (vertex.op.kind === "image") return;
    const snapshot = this.#build.results.get(vertex.digest)?.snapshot;
    const remote = this.#build.remote.get(vertex.digest);
    if (snapshot !== undefined) await this.#addLocal(vertex, snapshot);
    else if (remote !== undefined) this.#addRemote(remote);
  }

  async #addLocal(vertex: Vertex, snapshot: string): Promise<void> {
    const chain = stepsOf(vertex);
    const own = chain
      .filter(({ op }) => op.kind !== "image")
      .map(({ digest }) => this.#build.results.get(digest)?.snapshot);
    if (own.some((each) => each === undefined)) return;
    const stack = await imageLayers(
      this.#parts,
      baseOf(chain),
      own.filter((each) => each !== undefined),
      this.#options,
    );
    const layers = stack.map((layer) => this.#position(layer));
    for (const { key, resultKey, createdAt, durationMs } of this.#parts.cache.ofSnapshot(snapshot))
      this.records.push(
        this.#dated({ key, result: resultKey, created: createdAt, took: durationMs, layers }),
      );
  }

  /** The same sources give the same cache. */
  #dated(record: TransferRecord): TransferRecord {
    const { epoch } = this.#parts;
    return epoch === undefined ? record : { ...record, created: epoch * 1000, took: 0 };
  }

  #addRemote(key: Digest): void {
    const step = this.#parts.imported.step(key);
    if (step === undefined) return;
    const { stack, result, created, took } = step;
    const layers = stack.map(({ descriptor, diffID }) =>
      this.#position({ descriptor, diffID: parseDiffID(diffID) }),
    );
    this.records.push({ key, result, created, took, layers });
  }

  async addMounts(ids: readonly string[]): Promise<TransferMount[]> {
    const mounts: TransferMount[] = [];
    for (const id of ids) {
      const layer = await this.#parts.packMount(id, this.#options);
      if (layer !== undefined) mounts.push({ id, layer: this.#position(layer) });
    }
    return mounts;
  }

  rootfs(): ImageConfig["rootfs"] {
    return { type: "layers", diff_ids: this.layers.map(({ diffID }) => diffID) };
  }

  #position(layer: Layer): number {
    const known = this.#positions.get(layer.diffID);
    if (known !== undefined) return known;
    this.#positions.set(layer.diffID, this.layers.length);
    return this.layers.push(layer) - 1;
  }
}

function verticesOf(plans: readonly BuildPlan[], mode: CacheExportOptions["mode"]): Vertex[] {
  const all = plans.flatMap((plan) => (mode === "max" ? plan.vertices : stepsOf(plan.target)));
  return [...new Map(all.map((vertex) => [vertex.digest, vertex])).values()];
}

/** The cache mounts that go along, of those that the steps name when all are asked for. */
function mountIDs(plans: readonly BuildPlan[], mounts: CacheExportOptions["mounts"] = []): string[] {
  if (mounts !== "all") return [...new Set(mounts)];
  const named = plans.flatMap(({ vertices }) =>
    vertices.flatMap(({ op }) => (op.kind === "exec" ? op.mounts : [])),
  );
  return [...new Set(named.flatMap((mount) => (mount.type === "cache" ? [mount.id] : [])))];
}

/** Layers of a cache that was read and never unpacked go from there to here as they are. */
function storedOrImported({ images, imported }: CacheExportParts): Parameters<typeof copy>[0] {
  const fetch: Fetcher["fetch"] = async (desc, options) => {
    try {
      return await images.fetch(desc, options);
    } catch (error) {
      if (!isCode(error, "not_found")) throw error;
      return await imported.fetch(desc, options);
    }
  };
  return { resolve: (ref, o) => images.resolve(ref, o), exists: (desc, o) => images.exists(desc, o), fetch };
}
