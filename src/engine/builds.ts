import { availableParallelism } from "node:os";
import { join } from "node:path";
import { LocalBuilder, type ResolveImage } from "../build/local-builder.ts";
import { isCode } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { BuildEvent, BuildRecord, BuildReport, BuildRequest, BuildService } from "./engine.ts";
import type { CollectorParts } from "./gc/collector.ts";
import { pinnedSnapshots } from "./gc/pinned-snapshots.ts";
import type { ImageHost } from "./images/image-host.ts";
import { pullImages } from "./images/pull.ts";
import type { Filters } from "./filters.ts";
import { humanSize } from "../internal/human-size.ts";
import type { StoreParts } from "./store-parts.ts";
import { stepNetworks } from "./step-network.ts";
import { streamLines } from "./stream-lines.ts";
import type { RegistryAuth } from "./types/image.ts";
import { untilFilter } from "./until-filter.ts";

type Auths = Readonly<Record<string, RegistryAuth>>;

/** The builds of one engine. Dispose ends its worker threads. */
export class LocalBuilds implements BuildService, AsyncDisposable {
  readonly #parts: StoreParts;
  readonly #builder: LocalBuilder;

  readonly #onBuilt: () => void;

  /** `onBuilt`: called after each build, also a failed one. */
  constructor(parts: StoreParts, onBuilt: () => void) {
    const { config, stores, host } = parts;
    this.#parts = parts;
    this.#onBuilt = onBuilt;
    this.#builder = new LocalBuilder({
      ...stores,
      runtime: host.runtime,
      facts: host.facts,
      runDir: join(config.runDirectory, "builds"),
      scratchDir: join(config.root, "builds"),
      cacheDir: join(config.root, "cache-mounts"),
      networkFor: stepNetworks(host),
      hostCA: host.hostCA,
      now: Date.now,
      concurrency: availableParallelism(),
    });
  }

  build(request: BuildRequest, o: CallOptions & { auths?: Auths } = {}): AsyncIterable<BuildEvent> {
    const hostCA = request.hostCA === true || this.#parts.config.alwaysHostCA === true;
    const resolveImage = imageResolver(this.#parts.images, o.auths ?? {});
    return streamLines(async (report, signal) => {
      const { call } = request;
      if (call !== undefined)
        return report({ type: "answer", ...(await this.#builder.answer(request, call, { signal })) });
      const built = this.#builder.build({ ...request, hostCA }, report, { signal, resolveImage });
      await built.finally(this.#onBuilt);
    }, o.signal);
  }

  list(): Promise<BuildRecord[]> {
    return Promise.resolve(this.#builder.records.list());
  }

  async inspect(id: string): Promise<BuildReport> {
    return await Promise.resolve(this.#builder.records.inspect(id));
  }

  async prune(o: Parameters<BuildService["prune"]>[0] = {}): ReturnType<BuildService["prune"]> {
    const { keepStorage: keepBytes, filters } = o;
    const isBefore = untilFilter(filters);
    const limits = { isOld: isBefore, keepBytes, reason: pruneReason(keepBytes, filters) };
    const deleted = await this.#builder.prune(limits, o);
    return { CachesDeleted: deleted, SpaceReclaimed: await this.#parts.images.collect() };
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

function pruneReason(keepBytes: number | undefined, filters: Filters | undefined): string {
  if (keepBytes !== undefined) return `to stay under ${humanSize(keepBytes)}`;
  return filters?.["until"] === undefined ? "by builder prune" : "by builder prune, being old";
}

/** Finds a build's base in the store, or pulls it: when it is missing, and always when the build asks for it. */
function imageResolver(host: ImageHost, auths: Auths): ResolveImage {
  return async (reference, platform, { pull, signal, onProgress }) => {
    if (pull || !isStored(host, reference)) {
      const auth = authFor(auths, reference);
      const options = { signal, platform: formatPlatform(platform), ...(auth === undefined ? {} : { auth }) };
      await pullImages(host, reference, options, ({ id, status }) =>
        onProgress(`${id ?? ""} ${status ?? ""}`),
      );
    }
    const record = host.images.get(reference);
    return { id: record.id, digest: host.images.records.tag(reference)?.target.digest };
  };
}

function isStored(host: ImageHost, reference: string): boolean {
  try {
    return host.images.get(reference) !== undefined;
  } catch (error) {
    if (isCode(error, "not_found")) return false;
    throw error;
  }
}

/** By the registry's domain, or by Docker's old name of its own registry. */
function authFor(auths: Auths, reference: string): RegistryAuth | undefined {
  const domain = reference.split("/", 1)[0] ?? "";
  return auths[domain] ?? (domain === "docker.io" ? auths["https://index.docker.io/v1/"] : undefined);
}
