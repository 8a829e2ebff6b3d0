import { mkdirSync, rmSync } from "node:fs";
import { SlipwayError } from "../errors.ts";
import { readBlob } from "../content/read-blob.ts";
import { parseDockerfile } from "../dockerfile/parse-dockerfile.ts";
import type { ImageStore } from "../image/image-store.ts";
import type { LayerStore } from "../image/layer-store.ts";
import type { Unpacker } from "../image/unpacker.ts";
import { KeyedMutex } from "../internal/keyed-mutex.ts";
import type { Differ } from "../layer/differ.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { digestOf, type Digest } from "../oci/digest.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import { parseImageConfig } from "../oci/parse-image-config.ts";
import { parseManifest } from "../oci/parse-manifest.ts";
import { hostPlatform, type Platform } from "../oci/platform.ts";
import { WorkerPool } from "../platform/worker.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { HostFacts } from "../runtime/spec/spec-input.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Lease, Leases } from "../state/leases.ts";
import type { State } from "../state/state.ts";
import { NamedContexts } from "./named-contexts.ts";
import { openContext, type OpenContext } from "./build-context.ts";
import { BuildCache, type CacheLimits } from "./cache.ts";
import type { BuildEvent, BuildRequest, BuildResult } from "./builder.ts";
import { answerCall } from "./calls/answer-call.ts";
import type { BuildAnswer, BuildCall } from "./calls/build-answer.ts";
import { exportImage } from "./export-image.ts";
import { FileHashes } from "./files/file-hashes.ts";
import type { GitAccess } from "./git/git-remote.ts";
import { LayerHashes, type LayerHashesParts } from "./layer-hashes.ts";
import { LayerHashing } from "./layer-hashing.ts";
import type { OpHandlers } from "./op-handler.ts";
import { copyHandler } from "./ops/copy.ts";
import { DownloadDirectory, downloadHandler, type Remembered } from "./ops/download.ts";
import { execHandler, type ExecParts } from "./ops/exec.ts";
import { gitHandler } from "./ops/git.ts";
import { imageHandler, type UnpackImage } from "./ops/image.ts";
import { mkdirHandler } from "./ops/mkdir.ts";
import { mountKeyParts, prepareMounts, type MountParts } from "./ops/prepare-mounts.ts";
import { UnpackArchives } from "./ops/unpack-archives.ts";
import { proxyEnv } from "./plan/build-args.ts";
import { imageKey } from "./plan/image-table.ts";
import { planBuild } from "./plan/plan-build.ts";
import { BuildRecorder } from "./record/build-recorder.ts";
import { BuildRecords } from "./record/build-records.ts";
import { clearRunDirectory } from "./run-directory.ts";
import { Solver, type Solved } from "./solver.ts";
import { sourceDate, withSourceDate } from "./source-date.ts";
import { hasSnapshot } from "./step-root.ts";
import { VertexEvents } from "./vertex-events.ts";
import type { BuildPlan, ImageNeed, KnownImage } from "./vertex.ts";

/** Makes an image that a build names available in the image store: found there, or pulled. */
export type ResolveImage = (
  reference: string,
  platform: Platform,
  options: CallOptions & { readonly pull: boolean; readonly onProgress: (text: string) => void },
) => Promise<{
  /** image ID in the store */
  readonly id: Digest;
  /** What its registry calls the image. */
  readonly digest?: Digest | undefined;
}>;

export interface LocalBuilderParts {
  readonly state: State;
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly unpacker: Pick<Unpacker, "unpack">;
  readonly snapshotter: Snapshotter;
  readonly differ: Pick<Differ, "apply"> & LayerHashesParts["differ"];
  readonly runtime: Pick<Runtime, "runForeground">;
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
  readonly networkFor: ExecParts["networkFor"];
  /** The host's CA bundle, for builds that ask for it; undefined when the host has none. */
  readonly hostCA: string | undefined;
  /** ms since the epoch */
  readonly now: () => number;
  /** Steps carried out at once, over all builds. */
  readonly concurrency: number;
}

/** Builds on this machine. One serves an engine. Dispose ends its worker threads. */
export class LocalBuilder implements AsyncDisposable {
  readonly cache: BuildCache;
  /** The builds that have ended. */
  readonly records: BuildRecords;
  readonly #parts: LocalBuilderParts;
  readonly #solver: Solver;
  readonly #files = new WorkerPool("src/build/files/files-worker.ts");
  readonly #fileHashes: FileHashes;
  readonly #downloads = new Map<string, Remembered>();
  readonly #layerHashes: LayerHashes;
  readonly #cacheLocks = new KeyedMutex();
  readonly #busyCaches = new Set<string>();

  constructor(parts: LocalBuilderParts) {
    const { state, snapshotter, concurrency, now } = parts;
    this.#parts = parts;
    this.cache = new BuildCache(state.db, now);
    this.records = new BuildRecords(state.db);
    this.#solver = new Solver(this.cache, (name) => hasSnapshot(snapshotter, name), concurrency, now);
    this.#fileHashes = new FileHashes(state.db, this.#files, concurrency);
    this.#layerHashes = new LayerHashes({ ...parts, db: state.db });
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
    options: CallOptions & { readonly resolveImage: ResolveImage },
  ): Promise<BuildResult> {
    const { now } = this.#parts;
    const recorder = new BuildRecorder(now());
    const progress = { project: "" };
    const onSeen = (event: BuildEvent): void => {
      recorder.see(event);
      onEvent(event);
    };
    try {
      const result = await this.#build(request, onSeen, options, progress);
      this.records.add(recorder.finish(request, { ...progress, now: now() }));
      return result;
    } catch (error) {
      this.records.add(recorder.finish(request, { ...progress, now: now(), error }));
      throw error;
    }
  }

  /** Answers `call` about the Dockerfile. Nothing is built, fetched or recorded. */
  async answer(request: BuildRequest, call: BuildCall, options: CallOptions): Promise<BuildAnswer> {
    await using context = await openContext(request, { ...this.#parts, access: gitAccess(request) }, options);
    const buildPlatform = hostPlatform();
    return answerCall(call, context.dockerfile.text, {
      ...request,
      filename: context.dockerfile.name,
      contexts: request.buildContexts ?? {},
      platform: request.platform ?? buildPlatform,
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

  /** `progress.project` is set as soon as it is known. */
  async #build(
    request: BuildRequest,
    onEvent: (event: BuildEvent) => void,
    options: CallOptions & { readonly resolveImage: ResolveImage },
    progress: { project: string },
  ): Promise<BuildResult> {
    const signal = options.signal ?? new AbortController().signal;
    using lease = this.#parts.leases.create("build");
    const parts = { ...this.#parts, access: gitAccess(request) };
    await using context = await openContext(request, parts, { signal });
    progress.project = context.project;
    await using named = new NamedContexts(request.buildContexts ?? {}, parts, { signal });
    const plan = await this.#plan(request, context, { onEvent, signal, resolveImage: options.resolveImage });
    const warnings = plan.warnings.map((warning) => warning.text);
    for (const warning of plan.warnings) onEvent({ type: "warning", ...warning });
    const results = await this.#solve({ request, context, named, plan, lease, signal, onEvent });
    signal.throwIfAborted();
    const exportParts = {
      ...this.#parts,
      hashes: this.#layerHashes,
      lease,
      epoch: sourceDate(request),
      annotations: request.annotations,
    };
    const { id: imageID, manifest } = await exportImage(exportParts, plan, results, request.tags ?? [], {
      signal,
    });
    onEvent({ type: "image", id: imageID, manifest });
    return { imageID, warnings };
  }

  async #plan(request: BuildRequest, context: OpenContext, call: Call): Promise<BuildPlan> {
    const file = parseDockerfile(context.dockerfile.text, { filename: context.dockerfile.name });
    const images = new Map<string, KnownImage>();
    const buildPlatform = hostPlatform();
    const { target, buildArgs = {}, labels = {}, network = "default" } = request;
    const platform = request.platform ?? buildPlatform;
    for (;;) {
      const { ignore } = context.tree;
      const contexts = request.buildContexts ?? {};
      const options = {
        contexts,
        target,
        buildArgs,
        labels,
        network,
        platform,
        buildPlatform,
        images,
        ignore,
      };
      const result = planBuild(file, options);
      if (result.kind === "plan") {
        refuseUnsupported(result.plan);
        return result.plan;
      }
      const pull = request.pull ?? false;
      const known = await Promise.all(result.images.map((need) => this.#known(need, pull, call)));
      for (const [at, need] of result.images.entries()) {
        const image = known[at];
        if (image !== undefined) images.set(imageKey(need), image);
      }
    }
  }

  async #known(need: ImageNeed, pull: boolean, { onEvent, signal, resolveImage }: Call): Promise<KnownImage> {
    const id = digestOf(`load ${imageKey(need)}`);
    const now = this.#parts.now;
    onEvent({ type: "vertex", id, name: `[internal] load metadata for ${need.reference}` });
    onEvent({ type: "started", id, at: now() });
    const onProgress = (text: string): void => onEvent({ type: "progress", id, text });
    try {
      const image = await resolveImage(need.reference, need.platform, { pull, signal, onProgress });
      const config = parseImageConfig(Buffer.from(this.#parts.images.get(image.id).config));
      onEvent({ type: "completed", id, at: now(), cached: false });
      return { ...image, config };
    } catch (error) {
      onEvent({ type: "completed", id, at: now(), cached: false, error: (error as Error).message });
      throw error;
    }
  }

  async #solve(build: RunningBuild): Promise<Map<Digest, Solved>> {
    const { request, context, plan, lease, signal, onEvent } = build;
    const results = new Map<Digest, Solved>();
    if (plan.target === undefined) return results;
    const events = new VertexEvents(onEvent, this.#parts.now);
    events.announce(plan.vertices);
    const stop = new AbortController();
    using downloads = new DownloadDirectory(this.#parts.scratchDir);
    const hashing = new LayerHashing(this.#layerHashes, plan, AbortSignal.any([signal, stop.signal]));
    try {
      await this.#solver.solve(plan.target, {
        handlers: withSourceDate(this.#handlers(build, downloads), sourceDate(request)),
        listener: events,
        signal,
        noCache: request.noCache ?? false,
        noCacheStages: stageNames(request),
        project: context.project,
        hold: (snapshot) => lease.add(`snapshot/${snapshot}`),
        onResult: (vertex, solved) => {
          results.set(vertex.digest, solved);
          if (solved.snapshot !== undefined) lease.add(`snapshot/${solved.snapshot}`);
          hashing.begin(vertex, solved);
        },
      });
    } catch (error) {
      stop.abort();
      await hashing.settled();
      throw error;
    }
    events.finish();
    return results;
  }

  #handlers({ request, context, named, lease }: RunningBuild, downloads: DownloadDirectory): OpHandlers {
    const files = this.#files;
    const roots = { ...this.#parts, lease, files, epoch: sourceDate(request) };
    const tree = (name?: string): Promise<OpenContext["tree"]> =>
      name === undefined ? Promise.resolve(context.tree) : named.tree(name);
    const mounts: MountParts = {
      ...roots,
      hashes: this.#fileHashes,
      context: tree,
      cacheLocks: this.#cacheLocks,
      busyCaches: this.#busyCaches,
      secrets: secretsOf(request),
      agents: new Map(Object.entries(request.ssh ?? {})),
    };
    return {
      download: downloadHandler({ ...roots, directory: downloads, remembered: this.#downloads }),
      git: gitHandler({ ...roots, access: gitAccess(request) }),
      image: imageHandler({ ...roots, unpackImage: this.#unpackImage }),
      mkdir: mkdirHandler(roots),
      copy: copyHandler({ ...mounts, unpackArchives: new UnpackArchives({ ...this.#parts, files }) }),
      exec: execHandler({
        ...roots,
        extraHosts: request.extraHosts ?? [],
        shmSize: request.shmSize,
        resources: request.resources ?? {},
        ulimits: request.ulimits ?? [],
        hostCA: this.#hostCA(request),
        proxyEnv: proxyEnv(request.buildArgs ?? {}),
        prepareMounts: (op, inputs, step) => prepareMounts(mounts, op, inputs, step),
        mountParts: (op, inputKeys, step) => mountKeyParts(mounts, op, inputKeys, step),
      }),
    };
  }

  #hostCA(request: BuildRequest): string | undefined {
    if (request.hostCA !== true) return undefined;
    const { hostCA } = this.#parts;
    if (hostCA === undefined)
      throw new SlipwayError("not_found", "Cannot use the host's CA: this host has no CA bundle");
    return hostCA;
  }

  readonly #unpackImage: UnpackImage = async (imageID, { signal, onProgress }) => {
    const { images, unpacker } = this.#parts;
    const record = images.get(imageID);
    const manifest = parseManifest(await readBlob(images, record.manifest, { signal }));
    const config = parseImageConfig(Buffer.from(record.config));
    const unpacked = await unpacker.unpack(manifest, config, images, {
      signal,
      onProgress: ({ layer, state }) => onProgress?.(`${layer.digest.slice(7, 19)} ${state}`),
    });
    if (unpacked === undefined) throw new SlipwayError("internal", `Image "${imageID}" has no layers`);
    return unpacked.snapshot;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files[Symbol.asyncDispose]();
  }
}

interface Call {
  readonly onEvent: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
  readonly resolveImage: ResolveImage;
}

interface RunningBuild {
  readonly request: BuildRequest;
  readonly context: OpenContext;
  readonly named: NamedContexts;
  readonly plan: BuildPlan;
  readonly lease: Lease;
  readonly signal: AbortSignal;
  readonly onEvent: (event: BuildEvent) => void;
}

/** Larger is no secret, as in BuildKit. */
const maxSecret = 500 << 10;

function secretsOf({ secrets = {} }: BuildRequest): Map<string, Uint8Array> {
  const contents = Object.entries(secrets).map(([id, text]) => [id, Buffer.from(text, "base64")] as const);
  const large = contents.find(([, content]) => content.length > maxSecret);
  if (large !== undefined)
    throw new SlipwayError("invalid_argument", `secret ${large[0]} is larger than ${maxSecret} bytes`);
  return new Map(contents);
}

/** What the build was given for private repositories, under the names that BuildKit knows. */
function gitAccess({ secrets = {}, ssh = {} }: BuildRequest): GitAccess {
  const secret = (id: string): string | undefined =>
    secrets[id] === undefined ? undefined : Buffer.from(secrets[id], "base64").toString();
  return { agent: ssh["default"], token: secret("GIT_AUTH_TOKEN"), header: secret("GIT_AUTH_HEADER") };
}

/** In lower case, as stages are known. */
function stageNames({ noCacheFilter = [] }: BuildRequest): ReadonlySet<string> {
  return new Set(noCacheFilter.map((name) => name.toLowerCase()));
}

/** Nothing runs when a step cannot be carried out. */
function refuseUnsupported(plan: BuildPlan): void {
  const [first] = plan.unsupported;
  if (first !== undefined) throw new SlipwayError("not_implemented", `${first} is not implemented yet`);
}
