import { once } from "node:events";
import { availableParallelism } from "node:os";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { passingNames } from "../build/builder.ts";
import { LocalBuilder } from "../build/local-builder.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Digest } from "../oci/digest.ts";
import { dryRunDocument } from "./dry-run-document.ts";
import { debugShells } from "./debug-shell.ts";
import type {
  BuildEvent,
  BuildRecord,
  BuildReport,
  BuildRequest,
  BuildService,
  ContainerService,
  RunningBuilds,
  WatchedEvent,
} from "./engine.ts";
import type { CollectorParts } from "./gc/collector.ts";
import { cacheItems, filteredSnapshots } from "./cache-items.ts";
import { keptSpace } from "./prune-space.ts";
import { pinnedSnapshots } from "./gc/pinned-snapshots.ts";
import { dropPassing } from "./images/drop-passing.ts";
import { baseImages, cacheRegistries } from "./images/base-image.ts";
import type { Filters } from "./filters.ts";
import type { StoreParts } from "./store-parts.ts";
import { stepNetworks } from "./step-network.ts";
import { streamLines } from "./stream-lines.ts";
import type { RegistryAuth } from "./types/image.ts";
import { untilFilter } from "./until-filter.ts";

interface BuildsParts extends StoreParts {
  readonly containers: Pick<ContainerService, "create" | "remove" | "wait">;
}

type Auths = Readonly<Record<string, RegistryAuth>>;

/** The builds of one engine. Dispose ends its worker threads. */
export class LocalBuilds implements BuildService, AsyncDisposable {
  readonly #parts: BuildsParts;
  readonly #builder: LocalBuilder;

  readonly #onBuilt: () => void;

  /** `onBuilt`: called after each build, also a failed one. */
  constructor(parts: BuildsParts, onBuilt: () => void) {
    const { config, stores, host } = parts;
    this.#parts = parts;
    this.#onBuilt = onBuilt;
    this.#builder = new LocalBuilder({
      ...stores,
      compressor: parts.images.compressor,
      runtime: host.runtime,
      facts: host.facts,
      runDir: join(config.runDirectory, "builds"),
      scratchDir: join(config.root, "builds"),
      cacheDir: join(config.root, "cache-mounts"),
      knownHosts: join(config.root, "known_hosts"),
      proxy: parts.images.registries.proxy,
      networkFor: stepNetworks(host),
      version: config.version,
      compress: (target, options) => parts.images.compressor.forPush(target, options),
      debugShell: debugShells(parts.containers),
      hostCA: host.hostCA,
      now: Date.now,
      trace: host.trace,
      concurrency: availableParallelism(),
    });
  }

  build(request: BuildRequest, o: CallOptions & { auths?: Auths } = {}): AsyncIterable<BuildEvent> {
    const hostCA = request.hostCA === true || this.#parts.config.alwaysHostCA === true;
    const { images } = this.#parts;
    const auths = o.auths ?? {};
    const registries = {
      resolveImage: baseImages(images, auths),
      cacheRegistry: cacheRegistries(images, auths),
    };
    return streamLines(async (report, signal) => {
      const { call } = request;
      if (call === "dry-run") {
        const dry = await this.#builder.dryRun({ ...request, hostCA }, { signal, ...registries });
        const parts = { host: this.#parts.images, compressed: this.#parts.stores.compressed };
        const document = await dryRunDocument(parts, dry, {
          references: request.pushTo ?? [],
          auths: o.auths,
          signal,
        });
        return report({ type: "answer", call, document });
      }
      if (call !== undefined)
        return report({ type: "answer", ...(await this.#builder.answer(request, call, { signal })) });
      const made = new Set<Digest>();
      const onEvent = (event: BuildEvent): void => {
        if (event.type === "image") for (const { id, isNew } of event.images ?? []) if (isNew) made.add(id);
        report(event);
      };
      const built = this.#builder.build({ ...request, hostCA }, onEvent, { signal, ...registries });
      await built.finally(this.#onBuilt);
      await this.#holdPassing(request, made, signal);
    }, o.signal);
  }

  /** An image under a passing name is there as long as whoever asked for it listens. */
  async #holdPassing(
    { tags = [] }: BuildRequest,
    made: ReadonlySet<Digest>,
    signal: AbortSignal,
  ): Promise<void> {
    const names = new Set(tags.filter((tag) => tag.startsWith(passingNames)));
    if (names.size === 0) return;
    if (!signal.aborted) await once(signal, "abort");
    dropPassing(this.#parts.images, { names, made });
  }

  list(): Promise<BuildRecord[]> {
    return Promise.resolve(this.#builder.records.list());
  }

  async inspect(id: string): Promise<BuildReport> {
    return await Promise.resolve(this.#builder.records.inspect(id));
  }

  async *running({ signal }: CallOptions = {}): AsyncIterable<RunningBuilds> {
    for await (const running of this.#builder.watch.changes(signal)) yield { running };
  }

  async *events(id: string, o: CallOptions = {}): AsyncIterable<WatchedEvent> {
    yield* this.#builder.events(id, o);
  }

  async stepImage(id: string, step: string, o: CallOptions = {}): Promise<{ Image: string }> {
    return { Image: await this.#builder.stepImage(id, step, o) };
  }

  async prune(o: Parameters<BuildService["prune"]>[0] = {}): ReturnType<BuildService["prune"]> {
    const { all = false, filters } = o;
    const items = await cacheItems(this.#parts);
    const chosen = filteredSnapshots(items, filters);
    const isPinned = all ? () => false : await pinnedSnapshots(this.#parts);
    const cacheBytes = await this.#builder.cacheSize(isPinned, o);
    const { bsize, bavail } = await statfs(this.#parts.config.root);
    const kept = keptSpace(o, { cacheBytes, freeBytes: bsize * bavail });
    const deleted = await this.#builder.prune(
      {
        isOld: untilFilter(untilOf(filters)),
        keepBytes: kept?.keepBytes,
        isPinned,
        isChosen: (snapshot) => chosen.has(snapshot),
        reason: kept?.reason ?? pruneReason(filters),
      },
      o,
    );
    const gone = new Set(deleted);
    const names = items.filter(({ snapshot }) => gone.has(snapshot)).map(({ item }) => item.ID);
    return { CachesDeleted: [...new Set(names)], SpaceReclaimed: await this.#parts.images.collect() };
  }

  /** For the collector: what the cache takes that nothing else needs, and how less of it is kept. */
  cacheBudget(): Pick<CollectorParts, "cacheSize" | "trimCache"> {
    return {
      cacheSize: async () => this.#builder.cacheSize(await pinnedSnapshots(this.#parts)),
      trimCache: async (keepBytes, reason) => {
        const isPinned = await pinnedSnapshots(this.#parts);
        await this.#builder.prune({ isOld: () => true, keepBytes, isPinned, reason });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#builder[Symbol.asyncDispose]();
  }
}

/** `unused-for` is the name that buildx has for it. */
function untilOf(filters: Filters | undefined): Filters {
  return { until: filters?.["until"] ?? filters?.["unused-for"] ?? [] };
}

function pruneReason(filters: Filters | undefined): string {
  return untilOf(filters)["until"]?.length === 0 ? "by builder prune" : "by builder prune, being old";
}
