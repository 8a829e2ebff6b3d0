import { mkdirSync, rmSync } from "node:fs";
import { SlipwayError } from "../errors.ts";
import type { ImageStore } from "../image/image-store.ts";
import type { LayerStore } from "../image/layer-store.ts";
import type { PushCompressor } from "../image/push-compressor.ts";
import type { Unpacker } from "../image/unpacker.ts";
import type { Trace } from "../internal/trace.ts";
import { KeyedMutex } from "../internal/keyed-mutex.ts";
import type { Differ } from "../layer/differ.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import { parseImageConfig } from "../oci/parse-image-config.ts";
import { hostPlatform } from "../oci/platform.ts";
import { WorkerPool } from "../platform/worker.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { HostFacts } from "../runtime/spec/spec-input.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Leases } from "../state/leases.ts";
import type { State } from "../state/state.ts";
import { openContext } from "./build-context.ts";
import { BuildRun, type RunOptions, type SharedParts } from "./build-run.ts";
import type { BuildEvent, BuildRequest, BuildResult } from "./builder.ts";
import { BuildCache, type CacheLimits } from "./cache.ts";
import { answerCall } from "./calls/answer-call.ts";
import type { BuildAnswer, TextCall } from "./calls/build-answer.ts";
import type { DryRun } from "./dry-run.ts";
import type { ExportBuildParts } from "./export-build.ts";
import type { DebugShell } from "./failed-steps.ts";
import { CopiedLayers } from "./files/copied-layers.ts";
import { FileHashes } from "./files/file-hashes.ts";
import { LayerHashes, type LayerHashesParts } from "./layer-hashes.ts";
import type { ExecParts } from "./ops/exec.ts";
import { BuildOutputs } from "./record/build-outputs.ts";
import type { BuildRecord } from "./record/build-record.ts";
import { BuildRecorder } from "./record/build-recorder.ts";
import { BuildRecords } from "./record/build-records.ts";
import { BuildWatch, type WatchedBuild, type WatchedEvent } from "./record/build-watch.ts";
import type { ProxyConfig } from "../registry/client/registry-config.ts";
import { reachOf } from "./request-parts.ts";
import { clearRunDirectory } from "./run-directory.ts";
import { Solver } from "./solver.ts";
import { hasSnapshot } from "./step-root.ts";
import { stepImage } from "./step-image.ts";

export interface LocalBuilderParts {
  readonly state: State;
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly unpacker: Pick<Unpacker, "unpack">;
  readonly snapshotter: Snapshotter;
  readonly differ: Pick<Differ, "apply" | "compare" | "unpackArchive"> &
    LayerHashesParts["differ"] &
    ExportBuildParts["differ"];
  readonly compressor: Pick<PushCompressor, "forPush">;
  readonly runtime: Pick<Runtime, "runForeground" | "expectStart">;
  readonly facts: HostFacts;
  readonly leases: Leases;
  /**
   * For mounts and bundles: `<run>/builds`. What a crash left in it is unmounted and removed when the builder is made:
   * processes that ran there must be gone by then.
   */
  readonly runDir: string;
  /** For what is unpacked: `<root>/builds`. */
  readonly scratchDir: string;
  /** For `RUN --mount=type=cache`: `<root>/cache-mounts`. */
  readonly cacheDir: string;
  /** This program's, as attestations name it. */
  readonly version: string;
  /** Compresses layers, for builds that want them so at once. */
  readonly compress: ExportBuildParts["compress"];
  /** Opens a shell in a failed step, for builds that ask for it. */
  readonly debugShell: DebugShell;
  readonly networkFor: ExecParts["networkFor"];
  /** Where the keys of SSH servers are kept that git repositories came from: `<root>/known_hosts`. */
  readonly knownHosts: string;
  /** For addresses of ADD and of contexts, where a build's arguments name no proxy. */
  readonly proxy?: ProxyConfig | undefined;
  /** The host's CA bundle, for what the engine fetches, and for builds that ask for it; undefined when the host has none. */
  readonly hostCA: string | undefined;
  /** ms since the epoch */
  readonly now: () => number;
  readonly trace: Trace;
  /** Steps carried out at once, over all builds. */
  readonly concurrency: number;
}

/** Builds on this machine. One serves an engine. Dispose ends its worker threads. */
export class LocalBuilder implements AsyncDisposable {
  readonly cache: BuildCache;
  /** The builds that have ended. */
  readonly records: BuildRecords;
  /** What those told. */
  readonly outputs: BuildOutputs;
  /** The builds that run. */
  readonly watch = new BuildWatch();
  readonly #parts: LocalBuilderParts;
  readonly #shared: SharedParts;
  readonly #files = new WorkerPool("src/build/files/files-worker.ts");

  constructor(parts: LocalBuilderParts) {
    const { state, snapshotter, concurrency, now } = parts;
    this.#parts = parts;
    this.cache = new BuildCache(state.db, now);
    this.records = new BuildRecords(state.db);
    this.outputs = new BuildOutputs(state.db);
    this.#shared = {
      ...parts,
      solver: new Solver(this.cache, (name) => hasSnapshot(snapshotter, name), concurrency, now),
      files: this.#files,
      fileHashes: new FileHashes(state.db, this.#files, concurrency),
      copiedLayers: new CopiedLayers(state.db, (digest) => this.cache.manifest(digest), now),
      downloads: new Map(),
      hashes: new LayerHashes({ ...parts, db: state.db }),
      cacheLocks: new KeyedMutex(),
      busyCaches: new Set(),
    };
    clearRunDirectory(parts.runDir);
    rmSync(parts.scratchDir, { recursive: true, force: true });
    mkdirSync(parts.scratchDir, { recursive: true, mode: 0o700 });
    mkdirSync(parts.cacheDir, { recursive: true, mode: 0o711 });
  }

  /** Drops cache records. The snapshots they named, which are the collector's now. */
  async prune(limits: CacheLimits, options: CallOptions = {}): Promise<string[]> {
    if (limits.keepBytes !== undefined) await this.#measure(options);
    return this.cache.prune(limits);
  }

  /** What the cache takes on disk, bytes, without what `isPinned` says that others need. */
  async cacheSize(isPinned: (snapshot: string) => boolean, options: CallOptions = {}): Promise<number> {
    await this.#measure(options);
    return this.cache.size(isPinned);
  }

  /** Sizes are measured when somebody asks for them, which the records of the cache do not. */
  async #measure({ signal }: CallOptions): Promise<void> {
    const { snapshotter } = this.#parts;
    for (const snapshot of this.cache.snapshots()) {
      signal?.throwIfAborted();
      if (await hasSnapshot(snapshotter, snapshot)) await snapshotter.usage(snapshot);
    }
  }

  /** Builds, and records how it went, also when it fails. */
  async build(
    request: BuildRequest,
    onEvent: (event: BuildEvent) => void,
    options: CallOptions & Pick<RunOptions, "resolveImage" | "cacheRegistry">,
  ): Promise<BuildResult> {
    const { now } = this.#parts;
    const [id, startedAt] = [crypto.randomUUID().replaceAll("-", "").slice(0, 12), now()];
    const recorder = new BuildRecorder(id, startedAt);
    const watched = this.watch.begin(id, request, startedAt);
    const { signal = new AbortController().signal } = options;
    const onSeen = (event: BuildEvent): void => {
      recorder.see(event);
      watched.see(event);
      onEvent(event);
    };
    const run = new BuildRun(this.#shared, request, { ...options, signal, onEvent: onSeen });
    const record = (error?: unknown): void => {
      const { project } = run;
      const ended = recorder.finish(request, { project, now: now(), error });
      this.records.add(ended, recorder.places(run.places()));
      this.#end(watched, ended, request);
    };
    try {
      const result = await run.run();
      record();
      return result;
    } catch (error) {
      record(error);
      throw error;
    }
  }

  /** What {@link build} would do. Nothing is carried out, fetched or recorded. */
  async dryRun(
    request: BuildRequest,
    options: CallOptions & Pick<RunOptions, "resolveImage" | "cacheRegistry">,
  ): Promise<DryRun> {
    const { signal = new AbortController().signal } = options;
    const run = new BuildRun(this.#shared, request, { ...options, signal, onEvent: () => {}, isDry: true });
    return await run.dryRun();
  }

  /**
   * What a build tells, from its first event to its last; of one that has ended, what was kept of it. Its output is not
   * kept when it was given secrets. Throws `not_found`, also when the build is so old that its events are gone.
   */
  events(id: string, { signal }: CallOptions = {}): AsyncIterable<WatchedEvent> {
    const running = this.watch.find(id);
    return running?.follow(signal) ?? pastEvents(this.outputs.read(this.records.inspect(id).id));
  }

  #end(watched: WatchedBuild, { id, outcome, error }: BuildRecord, request: BuildRequest): void {
    watched.end({ type: "ended", outcome, at: this.#parts.now(), ...(error !== undefined && { error }) });
    const hasSecrets = Object.keys({ ...request.secrets, ...request.ssh }).length > 0;
    this.outputs.add(
      id,
      watched.about.startedAt,
      hasSecrets ? watched.events.filter(isNoLog) : watched.events,
    );
  }

  /**
   * An image of the filesystem at a step of a recorded build, with environment, directory and user: the ID of one without
   * a name. Of a step that failed, as it began. Throws `not_found` also when the collector took the files.
   */
  async stepImage(build: string, step: string, options: CallOptions = {}): Promise<Digest> {
    const place = this.records.place(build, step);
    const { leases, snapshotter } = this.#parts;
    using lease = leases.create("step");
    for (const snapshot of place.snapshots) {
      lease.add(`snapshot/${snapshot}`);
      if (!(await hasSnapshot(snapshotter, snapshot)))
        throw new SlipwayError("not_found", `The files of step ${step} of build ${build} were collected`);
    }
    const parts = place.key === undefined ? [] : (this.cache.get(place.key)?.parts ?? []);
    const args = parts.filter(({ kind }) => kind === "argument").map(({ name, value }) => `${name}=${value}`);
    const env = [...place.env, ...args];
    return (await stepImage({ ...this.#shared, lease }, { ...place, env }, options)).id;
  }

  /** Answers `call` about the Dockerfile. Nothing is built, fetched or recorded. */
  async answer(request: BuildRequest, call: TextCall, options: CallOptions): Promise<BuildAnswer> {
    await using context = await openContext(
      request,
      {
        ...this.#parts,
        ...reachOf(request, this.#parts),
      },
      options,
    );
    const buildPlatform = hostPlatform();
    return answerCall(call, context.dockerfile.text, {
      ...request,
      filename: context.dockerfile.name,
      contexts: request.buildContexts ?? {},
      platform: request.platforms?.[0] ?? buildPlatform,
      buildPlatform,
      ignore: context.tree.ignore,
      storedImage: (name) => this.#storedConfig(name),
    });
  }

  #storedConfig(name: string): ImageConfig | undefined {
    try {
      return parseImageConfig(Buffer.from(this.#parts.images.get(name).config));
    } catch (error) {
      if (error instanceof SlipwayError) return undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files[Symbol.asyncDispose]();
  }
}

async function* pastEvents(events: readonly WatchedEvent[]): AsyncGenerator<WatchedEvent> {
  yield* events;
}

function isNoLog({ type }: WatchedEvent): boolean {
  return type !== "log";
}
