import { SlipwayError } from "../errors.ts";
import { readBlob } from "../content/read-blob.ts";
import type { Dockerfile } from "../dockerfile/dockerfile.ts";
import { parseDockerfile } from "../dockerfile/parse-dockerfile.ts";
import type { KeyedMutex } from "../internal/keyed-mutex.ts";
import { digestOf, type Digest } from "../oci/digest.ts";
import { parseImageConfig } from "../oci/parse-image-config.ts";
import { parseManifest } from "../oci/parse-manifest.ts";
import { formatPlatform, hostPlatform, type Platform } from "../oci/platform.ts";
import type { WorkerPool } from "../platform/worker.ts";
import type { Lease } from "../state/leases.ts";
import { NamedContexts } from "./named-contexts.ts";
import { openContext, type OpenContext } from "./build-context.ts";
import type { BuildEvent, BuildRequest, BuildResult } from "./builder.ts";
import { builderArgs } from "./builder-args.ts";
import { reachOf, secretsOf, stageNames } from "./request-parts.ts";
import { dryRun, type BaseLayers, type DryRun } from "./dry-run.ts";
import { checkEmulation } from "./emulation.ts";
import { exportBuild } from "./export-build.ts";
import { FailedSteps } from "./failed-steps.ts";
import type { CopiedLayers } from "./files/copied-layers.ts";
import type { FileHashes } from "./files/file-hashes.ts";
import type { LayerHashes } from "./layer-hashes.ts";
import { LayerHashing } from "./layer-hashing.ts";
import type { LocalBuilderParts } from "./local-builder.ts";
import type { OpHandlers } from "./op-handler.ts";
import { copyHandler } from "./ops/copy.ts";
import { DownloadDirectory, downloadHandler, type Remembered } from "./ops/download.ts";
import { execHandler } from "./ops/exec.ts";
import { gitHandler } from "./ops/git.ts";
import { imageHandler, type UnpackImage } from "./ops/image.ts";
import { mkdirHandler } from "./ops/mkdir.ts";
import { mountKeyParts, prepareMounts, type MountParts } from "./ops/prepare-mounts.ts";
import { UnpackArchives } from "./ops/unpack-archives.ts";
import { proxyEnv } from "./plan/build-args.ts";
import { imageKey } from "./plan/image-table.ts";
import { instructionsEvent } from "./instructions-event.ts";
import { missingImage } from "./missing-image.ts";
import { planBuild } from "./plan/plan-build.ts";
import { stepPlaces, type StepPlace } from "./record/step-place.ts";
import { BuildCaches } from "./transfer/build-caches.ts";
import type { CacheRegistry } from "./transfer/open-cache.ts";
import type { ResolveImage } from "./resolve-image.ts";
import type { Solver } from "./solver.ts";
import type { Solved } from "./solving.ts";
import { sourceDate, withSourceDate } from "./source-date.ts";
import { StepNetworks } from "./step-networks.ts";
import { VertexEvents } from "./vertex-events.ts";
import { withTrace } from "./traced-handlers.ts";
import type { BuildPlan, ImageNeed, KnownImage, Vertex } from "./vertex.ts";

/** What the builds of one builder share. */
export interface SharedParts extends LocalBuilderParts {
  readonly solver: Solver;
  /** Threads for file work. */
  readonly files: WorkerPool;
  readonly fileHashes: FileHashes;
  readonly copiedLayers: CopiedLayers;
  readonly downloads: Map<string, Remembered>;
  readonly hashes: LayerHashes;
  readonly cacheLocks: KeyedMutex;
  readonly busyCaches: Set<string>;
}

export interface RunOptions {
  readonly onEvent: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
  readonly resolveImage: ResolveImage;
  /** For `--cache-from` and `--cache-to`. */
  readonly cacheRegistry: CacheRegistry;
  /** Only {@link BuildRun.dryRun} will be called: nothing is fetched. */
  readonly isDry?: boolean;
}

/** A plan for one of the platforms asked for. */
export interface PlatformPlan {
  readonly platform: Platform;
  readonly plan: BuildPlan;
}

/** One build, from its request to its image. Run it once. */
export class BuildRun {
  readonly #shared: SharedParts;
  readonly #request: BuildRequest;
  readonly #options: RunOptions;
  readonly #results = new Map<Digest, Solved>();
  readonly #failed: FailedSteps;
  readonly #bases = new Map<Digest, BaseLayers>();
  #vertices: readonly Vertex[] = [];
  #project = "";

  constructor(shared: SharedParts, request: BuildRequest, options: RunOptions) {
    this.#shared = shared;
    this.#request = request;
    this.#options = options;
    this.#failed = new FailedSteps(request.debugShell);
  }

  /** Names the context and Dockerfile; empty before they are known. */
  get project(): string {
    return this.#project;
  }

  /** Where the results of the steps are, as far as the build came. */
  places(): ReadonlyMap<string, StepPlace> {
    return stepPlaces(this.#vertices, this.#results);
  }

  async run(): Promise<BuildResult> {
    const { signal, onEvent } = this.#options;
    const startedAt = this.#shared.now();
    using lease = this.#shared.leases.create("build");
    const { trace } = this.#shared;
    const parts = { ...this.#shared, ...this.#reach() };
    await using context = await trace.span("build context", () =>
      openContext(this.#request, parts, { signal }),
    );
    this.#project = context.project;
    await using named = new NamedContexts(this.#request.buildContexts ?? {}, parts, { signal });
    const plans = await trace.span("build plan", () => this.#plans(context));
    const warnings = distinct(plans.flatMap(({ plan }) => plan.warnings));
    for (const warning of warnings) onEvent({ type: "warning", ...warning });
    await using caches = new BuildCaches({ ...this.#shared, lease }, this.#request, this.#options);
    await trace.span("build caches read", () => caches.open());
    await using networks = new StepNetworks(this.#shared.networkFor);
    await trace.span("build steps", () => this.#solveAll(plans, { context, named, lease, caches, networks }));
    signal.throwIfAborted();
    // Taken apart beside the export; a failure shows when the networks are disposed of below.
    networks[Symbol.asyncDispose]().catch(() => undefined);
    const { dockerfile } = context;
    const made = { plans, results: this.#results, signal, dockerfile, startedAt };
    const exported = await trace.span("build export", () =>
      exportBuild({ ...this.#shared, lease }, this.#request, {
        ...made,
        inline: (plan) => caches.inline(made, plan),
      }),
    );
    await trace.span("build caches written", () => caches.export(made));
    const { id, target, images } = exported;
    onEvent({ type: "image", id, descriptor: target, images });
    return { imageID: exported.id, warnings: warnings.map(({ text }) => text) };
  }

  /** What {@link run} would do. Nothing is carried out, fetched or named. */
  async dryRun(): Promise<DryRun> {
    const { signal } = this.#options;
    using lease = this.#shared.leases.create("dry run");
    const parts = { ...this.#shared, ...this.#reach() };
    await using context = await openContext(this.#request, parts, { signal });
    await using named = new NamedContexts(this.#request.buildContexts ?? {}, parts, { signal });
    using downloads = new DownloadDirectory(this.#shared.scratchDir);
    const plans = await this.#plans(context);
    await using caches = new BuildCaches({ ...this.#shared, lease }, this.#request, this.#options);
    await caches.open();
    const handlers = this.#handlers({ context, named, lease }, downloads);
    const forPlans = plans.map(({ plan, platform }) => ({
      plan,
      project: this.#projectOf(context, platform),
    }));
    return await dryRun(forPlans, this.#bases, {
      ...this.#shared,
      cache: this.#shared.solver.cache,
      handlers: withSourceDate(handlers, sourceDate(this.#request)),
      signal,
      noCache: this.#request.noCache ?? false,
      noCacheStages: stageNames(this.#request),
      remote: caches.found,
    });
  }

  /** Steps of several platforms are told apart. */
  #projectOf({ project }: OpenContext, platform: Platform): string {
    const isOnlyOne = (this.#request.platforms ?? []).length < 2;
    return isOnlyOne ? project : `${project}\n${formatPlatform(platform)}`;
  }

  async #plans(context: OpenContext): Promise<PlatformPlan[]> {
    const buildPlatform = hostPlatform();
    const asked = this.#request.platforms ?? [];
    const platforms = asked.length === 0 ? [buildPlatform] : asked;
    const plans = await Promise.all(
      platforms.map(async (platform) => ({ platform, plan: await this.#plan(context, platform) })),
    );
    this.#vertices = plans.flatMap(({ plan }) => plan.vertices);
    checkEmulation(this.#vertices);
    return plans;
  }

  async #plan(context: OpenContext, platform: Platform): Promise<BuildPlan> {
    const file = parseDockerfile(context.dockerfile.text, { filename: context.dockerfile.name });
    const images = new Map<string, KnownImage>();
    const { pull = false, buildContexts: contexts = {}, platforms = [] } = this.#request;
    for (;;) {
      const result = planBuild(file, {
        ...this.#request,
        contexts,
        platform,
        isPlatformAsked: platforms.length > 0,
        showsPlatform: platforms.length > 1,
        buildPlatform: hostPlatform(),
        images,
        ignore: context.tree.ignore,
      });
      if (platform === (platforms[0] ?? platform)) this.#options.onEvent(instructionsEvent(result));
      if (result.kind === "plan") {
        refuseUnsupported(result.plan);
        return result.plan;
      }
      const known = await Promise.all(result.images.map((need) => this.#known(need, file, pull)));
      for (const [at, need] of result.images.entries()) {
        const image = known[at];
        if (image !== undefined) images.set(imageKey(need), image);
      }
    }
  }

  async #known(need: ImageNeed, file: Dockerfile, pull: boolean): Promise<KnownImage> {
    const { onEvent, signal, resolveImage } = this.#options;
    const { now, images } = this.#shared;
    const id = digestOf(`load ${imageKey(need)}`);
    onEvent({ type: "vertex", id, name: `[internal] load metadata for ${need.reference}` });
    onEvent({ type: "started", id, at: now() });
    const onProgress = (text: string): void => onEvent({ type: "progress", id, text });
    try {
      const { isDry = false } = this.#options;
      const options = { pull: pull && !isDry, signal, onProgress, isDry };
      const { from = images, ...image } = await resolveImage(need.reference, need.platform, options);
      const { config, layers } = parseManifest(await readBlob(from, image.manifest, { signal }));
      const text = await readBlob(from, config, { signal });
      onEvent({ type: "completed", id, at: now(), cached: false });
      this.#bases.set(config.digest, { reference: need.reference, layers, isHere: from === images });
      return { ...image, id: config.digest, config: parseImageConfig(text) };
    } catch (thrown) {
      const error = signal.aborted ? thrown : missingImage(thrown, need, file);
      onEvent({ type: "completed", id, at: now(), cached: false, error: (error as Error).message });
      throw error;
    }
  }

  /** The platforms side by side. The first failure ends them all; one that is to be looked at is, then. */
  async #solveAll(plans: readonly PlatformPlan[], open: OpenParts): Promise<void> {
    const events = new VertexEvents(this.#options.onEvent, this.#shared.now);
    events.announce(plans.flatMap(({ plan }) => plan.vertices));
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, stop.signal]);
    const failures: unknown[] = [];
    await Promise.all(
      plans.map(async (each) => {
        await this.#solve(each, { ...open, signal, events }).catch((error: unknown) => {
          failures.push(error);
          stop.abort();
        });
      }),
    );
    if (failures.length === 0) return events.finish();
    await this.#failed.show({ ...this.#shared, lease: open.lease }, this.#results, this.#options);
    throw failures[0];
  }

  async #solve(
    { plan, platform }: PlatformPlan,
    { signal, events, ...open }: OpenParts & { signal: AbortSignal; events: VertexEvents },
  ): Promise<void> {
    if (plan.target === undefined) return;
    const stop = new AbortController();
    using downloads = new DownloadDirectory(this.#shared.scratchDir);
    const hashing = new LayerHashing(this.#shared.hashes, plan, AbortSignal.any([signal, stop.signal]));
    try {
      await this.#shared.solver.solve(plan.target, {
        handlers: withTrace(
          withSourceDate(this.#handlers(open, downloads), sourceDate(this.#request)),
          this.#shared.trace,
        ),
        listener: events,
        signal,
        noCache: this.#request.noCache ?? false,
        noCacheStages: stageNames(this.#request),
        project: this.#projectOf(open.context, platform),
        ...open.caches?.solveOptions(plan),
        hold: (snapshot) => open.lease.add(`snapshot/${snapshot}`),
        onResult: (vertex, solved) => {
          this.#results.set(vertex.digest, solved);
          if (solved.snapshot !== undefined) open.lease.add(`snapshot/${solved.snapshot}`);
          hashing.begin(vertex, solved);
        },
      });
    } catch (error) {
      stop.abort();
      await hashing.settled();
      throw error;
    }
  }

  #handlers(
    { context, named, lease, caches, networks }: OpenParts,
    downloads: DownloadDirectory,
  ): OpHandlers {
    const request = this.#request;
    const { files, fileHashes, ...shared } = this.#shared;
    const roots = { ...shared, lease, files, epoch: sourceDate(request) };
    const tree = (name?: string): Promise<OpenContext["tree"]> =>
      name === undefined ? Promise.resolve(context.tree) : named.tree(name);
    const mounts: MountParts = {
      ...roots,
      hashes: fileHashes,
      context: tree,
      ...(caches !== undefined && { fillMount: caches.fillMount }),
      secrets: secretsOf(request),
      agents: new Map(Object.entries(request.ssh ?? {})),
    };
    return {
      download: downloadHandler({
        ...roots,
        ...this.#reach(),
        directory: downloads,
        remembered: shared.downloads,
      }),
      git: gitHandler({ ...roots, ...this.#reach() }),
      image: imageHandler({ ...roots, unpackImage: this.#unpackImage }),
      mkdir: mkdirHandler(roots),
      copy: copyHandler({
        ...mounts,
        copiedLayers: shared.copiedLayers,
        unpackArchives: new UnpackArchives({ ...shared, files }),
      }),
      exec: execHandler({
        ...roots,
        networkFor: networks?.take ?? shared.networkFor,
        extraHosts: request.extraHosts ?? [],
        hostname: builderArgs(request.buildArgs).hostname,
        shmSize: request.shmSize,
        resources: request.resources ?? {},
        ulimits: request.ulimits ?? [],
        hostCA: this.#hostCA(),
        proxyEnv: proxyEnv(request.buildArgs ?? {}),
        prepareMounts: (op, inputs, step) => prepareMounts(mounts, op, inputs, step),
        mountParts: (op, inputKeys, step) => mountKeyParts(mounts, op, inputKeys, step),
        keepFailed: this.#failed.keep,
      }),
    };
  }

  /** How the build gets at repositories and addresses. */
  #reach(): ReturnType<typeof reachOf> {
    return reachOf(this.#request, this.#shared);
  }

  #hostCA(): string | undefined {
    if (this.#request.hostCA !== true) return undefined;
    const { hostCA } = this.#shared;
    if (hostCA === undefined)
      throw new SlipwayError("not_found", "Cannot use the host's CA: this host has no CA bundle");
    return hostCA;
  }

  readonly #unpackImage: UnpackImage = async ({ imageID, manifest: desc }, { signal, onProgress }) => {
    const { images, unpacker } = this.#shared;
    const manifest = parseManifest(await readBlob(images, desc, { signal }));
    const config = parseImageConfig(await readBlob(images, manifest.config, { signal }));
    const unpacked = await unpacker.unpack(manifest, config, images, {
      signal,
      onProgress: ({ layer, state }) => onProgress?.(`${layer.digest.slice(7, 19)} ${state}`),
    });
    if (unpacked === undefined) throw new SlipwayError("internal", `Image "${imageID}" has no layers`);
    return unpacked.snapshot;
  };
}

interface OpenParts {
  readonly context: OpenContext;
  readonly named: NamedContexts;
  readonly lease: Lease;
  readonly caches?: BuildCaches;
  readonly networks?: StepNetworks;
}

function distinct(warnings: BuildPlan["warnings"]): BuildPlan["warnings"][number][] {
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}

/** Nothing runs when a step cannot be carried out. */
function refuseUnsupported(plan: BuildPlan): void {
  if (plan.failure !== undefined) throw plan.failure;
  const [first] = plan.unsupported;
  if (first !== undefined) throw new SlipwayError("not_implemented", first);
}
