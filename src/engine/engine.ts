import type { BuildEvent, BuildRequest, BuildResult } from "../build/builder.ts";
import type { PruneSpace } from "./prune-space.ts";
import type { BuildRecord, BuildReport } from "../build/record/build-record.ts";
import type { RunningBuild, WatchedEvent } from "../build/record/build-watch.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { OutputChunk } from "../runtime/runtime.ts";
import type { AccessService } from "./access/access-service.ts";
import type { ContainerFileService } from "./container-files.ts";
import type { ContainerResourceService } from "./container-resources.ts";
import type { Filters } from "./filters.ts";
import type { ManifestListService } from "./manifests.ts";
import type { RegistryService } from "./registries.ts";
import type { StoreService } from "./store.ts";
import type {
  ContainerCreate,
  ContainerInspect,
  ContainerSummary,
  ContainerWait,
  ExecCreate,
  ExecInspect,
} from "./types/container.ts";
import type { DataUsage, DataUsageType } from "./types/data-usage.ts";
import type { EngineEvent } from "./types/event.ts";
import type {
  DistributionInspect,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImageSearchItem,
  ImageSummary,
  RegistryAuth,
  TransferProgress,
} from "./types/image.ts";
import type { EndpointSettings, NetworkCreate, NetworkInspect } from "./types/network.ts";
import type { CheckReport, SystemInfo, SystemVersion } from "./types/system.ts";
import type { VolumeCreate, VolumeInspect } from "./types/volume.ts";

/**
 * Everything the command line, the API and the library can ask for. Documents have the fields of the Docker Engine
 * API (v1.50), so one vocabulary serves the wire and the code. `LocalEngine` does the work, `RemoteEngine` asks one
 * over HTTP; one contract suite runs on both. Dispose closes the connection, or ends a private engine.
 */
export interface Engine extends AsyncDisposable {
  readonly images: ImageService;
  /** Manifest lists that are put together here. */
  readonly manifests: ManifestListService;
  readonly containers: ContainerService;
  /** The containers' files: changes, archives in and out, export, commit. */
  readonly files: ContainerFileService;
  /** What the containers use, and may use. */
  readonly resources: ContainerResourceService;
  readonly execs: ExecService;
  readonly builds: BuildService;
  readonly networks: NetworkService;
  readonly volumes: VolumeService;
  readonly system: SystemService;
  readonly store: StoreService;
  /** Tokens and sockets that reach a part of the engine. */
  readonly access: AccessService;
  /** Registries, looked into. */
  readonly registries: RegistryService;
}

/** Which events are told. Without `since` only what happens from now on; without `until` until the signal. */
export interface EventFilter {
  readonly since?: Date;
  readonly until?: Date;
  readonly filters?: Filters;
}

/** The engine itself: what it is, what it keeps and whether that is whole, what happens in it. */
export interface SystemService {
  version(o?: CallOptions): Promise<SystemVersion>;
  info(o?: CallOptions): Promise<SystemInfo>;
  /** Verifies every blob, record, snapshot and mount. */
  check(o?: CallOptions): Promise<CheckReport>;
  /** Asks the registry whether the credentials are good. Throws `unauthorized`. The identity token may be empty. */
  auth(auth: RegistryAuth, o?: CallOptions): Promise<{ Status: string; IdentityToken: string }>;
  /** What lies on the disk: sizes, what is shared, and who uses it. Default: of all types. */
  dataUsage(o?: CallOptions & { types?: readonly DataUsageType[] }): Promise<DataUsage>;
  /** Past ones from `since` on, then live ones until `until` or the signal. */
  events(filter?: EventFilter, o?: CallOptions): AsyncIterable<EngineEvent>;
}

/**
 * The images of the engine, by name. Names are references, image IDs or unambiguous prefixes of one; all but `list`,
 * `load`, `import`, `search` and `prune` throw `not_found`, and `invalid_argument` for what is no reference. Whatever
 * yields works while it is read: leaving it early ends the work and leaves nothing half made.
 */
export interface ImageService {
  list(o?: CallOptions & { all?: boolean; filters?: Filters; digests?: boolean }): Promise<ImageSummary[]>;
  /** `name`: a reference, an image ID or an unambiguous prefix of one. Throws `not_found`. */
  inspect(name: string, o?: CallOptions): Promise<ImageInspect>;
  history(name: string, o?: CallOptions): Promise<ImageHistoryItem[]>;
  tag(name: string, reference: string, o?: CallOptions): Promise<void>;
  /** Untags; deletes what no tag names any more. Throws `conflict` while a container uses it, unless `force`. */
  remove(name: string, o?: CallOptions & { force?: boolean; noPrune?: boolean }): Promise<ImageDeleteItem[]>;
  /** Throws as it goes: `not_found`, `unauthorized`, `unavailable`, `data_loss`. */
  pull(reference: string, o?: CallOptions & PullOptions): AsyncIterable<TransferProgress>;
  push(reference: string, o?: CallOptions & PushOptions): AsyncIterable<TransferProgress>;
  /** A docker archive (with OCI layout) of the images. */
  save(names: readonly string[], o?: CallOptions & SaveOptions): Promise<ByteStream>;
  /** Every image of an archive, plain or compressed. `platform`: of an index, the image for it alone. */
  load(
    archive: ByteStream,
    o?: CallOptions & { platform?: string },
  ): AsyncIterable<TransferProgress & { stream?: string }>;
  /**
   * Makes an image of one layer from a tar of a root (plain, gzip, zstd, xz or bzip2), or from the one at a URL. The last line's
   * `status` is its ID.
   */
  import(source: ByteStream | URL, o?: CallOptions & ImportOptions): AsyncIterable<TransferProgress>;
  /** Repositories of Docker Hub, or of the registry that `term` begins with. Throws `unavailable`. */
  search(term: string, o?: CallOptions & SearchOptions): Promise<ImageSearchItem[]>;
  /** What a name means in its registry, and for which platforms. Throws `not_found`, `unauthorized`, `unavailable`. */
  distribution(name: string, o?: CallOptions & { auth?: RegistryAuth }): Promise<DistributionInspect>;
  prune(
    o?: CallOptions & { filters?: Filters },
  ): Promise<{ ImagesDeleted: ImageDeleteItem[]; SpaceReclaimed: number }>;
}

/** How an image is pushed. */
export interface PushOptions {
  auth?: RegistryAuth;
  platform?: string;
  /** `none`: layers that are not compressed yet go as they are. Default: the engine's. */
  compression?: "none";
  /** Name or ID of the image that goes to the repository, by its digest alone. Default: the one the reference names. */
  image?: string;
}

/** How images are saved. */
export interface SaveOptions {
  platform?: string;
  /** What the one image is called in the archive, whatever it is called here. */
  references?: readonly string[];
}

/** What an imported image is called and says of itself. */
export interface ImportOptions {
  /** `repository[:tag]`. None: the image stays without a name. */
  reference?: string;
  /** What its history says. */
  message?: string;
  /** Dockerfile instructions that change the configuration. */
  changes?: readonly string[];
  /** What it is for: `linux/arm64`. Default: this machine's. */
  platform?: string;
}

/** How repositories are searched. Filters: `is-official`, `is-automated`, `stars`. */
export interface SearchOptions {
  auth?: RegistryAuth;
  /** 1 to 100. Default: 25. */
  limit?: number;
  filters?: Filters;
}

/** What is pulled. Without `platform` this machine's; `allTags`: every tag of the repository. */
export interface PullOptions {
  auth?: RegistryAuth;
  /** `linux/arm64` */
  platform?: string;
  allTags?: boolean;
}

/** Which streams are attached, and from when. What is not asked for is false. */
export interface AttachOptions {
  stdin?: boolean;
  stdout?: boolean;
  stderr?: boolean;
  /** Replay what was logged before. */
  logs?: boolean;
  /** Go on with what comes. */
  stream?: boolean;
  detachKeys?: string;
}

/**
 * Both directions of a container's or exec's streams. `tty`: all output is on stdout, unframed. Iterate `output`
 * once; it ends with the process's output. Dispose detaches (idempotent).
 */
export interface AttachStream extends AsyncDisposable {
  readonly tty: boolean;
  readonly output: AsyncIterable<OutputChunk>;
  write(data: Uint8Array): Promise<void>;
  closeInput(): Promise<void>;
}

/** Which lines of a log are told: those of the streams that are true, `follow`ed until the container ends. */
export interface LogOptions {
  follow?: boolean;
  stdout?: boolean;
  stderr?: boolean;
  /** Of this time and later. */
  since?: Date;
  /** Of this time and earlier, the epoch too; undefined: without end. */
  until?: Date;
  timestamps?: boolean;
  /** Each line is preceded by what the log options name of labels and variables. */
  details?: boolean;
  /** undefined: all */
  tail?: number;
}

/** What {@link ContainerService.wait} can wait for. */
export const waitConditions = ["not-running", "next-exit", "removed", "healthy"] as const;
/** All but `healthy` are Docker's. */
export type WaitCondition = (typeof waitConditions)[number];

/** `name` is always a container's name, ID or unambiguous prefix of the ID. All throw `not_found`. */
export interface ContainerService {
  list(
    o?: CallOptions & { all?: boolean; limit?: number; size?: boolean; filters?: Filters },
  ): Promise<ContainerSummary[]>;
  create(spec: ContainerCreate, o?: CallOptions): Promise<{ Id: string; Warnings: string[] }>;
  inspect(name: string, o?: CallOptions & { size?: boolean }): Promise<ContainerInspect>;
  /** Throws `not_modified` when it runs already. */
  start(name: string, o?: CallOptions & { detachKeys?: string }): Promise<void>;
  /** `timeout` in seconds, -1: wait for ever; `killSignal` by name or number. Throws `not_modified` when it is stopped already. */
  stop(name: string, o?: CallOptions & { timeout?: number; killSignal?: string }): Promise<void>;
  restart(name: string, o?: CallOptions & { timeout?: number; killSignal?: string }): Promise<void>;
  kill(name: string, o?: CallOptions & { killSignal?: string }): Promise<void>;
  pause(name: string, o?: CallOptions): Promise<void>;
  unpause(name: string, o?: CallOptions): Promise<void>;
  rename(name: string, newName: string, o?: CallOptions): Promise<void>;
  /**
   * Makes and starts a container like this one, called `newName`, with a copy of its files as they are now; its
   * processes stand still meanwhile. Volumes are copied (`clone`, the default) or used by both (`share`); binds are
   * shared. Published ports get free numbers, addresses and aliases are not taken over. `autoRemove`: it goes at
   * its end, and its files need not reach the disk before the answer. Throws `conflict` for the name.
   */
  fork(
    name: string,
    newName: string,
    o?: CallOptions & { volumes?: "clone" | "share"; autoRemove?: boolean },
  ): Promise<{ Id: string }>;
  /** `link`: `name` is that of a legacy link, `container/alias`, which alone is removed. */
  remove(
    name: string,
    o?: CallOptions & { force?: boolean; volumes?: boolean; link?: boolean },
  ): Promise<void>;
  /**
   * Resolves on the condition; the call is registered before the promise is returned to the event loop. `healthy`:
   * throws `invalid_argument` without a health check, `conflict` when it says unhealthy or the container ends first.
   */
  wait(name: string, o?: CallOptions & { condition?: WaitCondition }): Promise<ContainerWait>;
  attach(name: string, attach: AttachOptions, o?: CallOptions): Promise<AttachStream>;
  resize(name: string, size: { h: number; w: number }, o?: CallOptions): Promise<void>;
  /** Output as logged; with `timestamps` each line is preceded by its time. `tty` as in {@link AttachStream}. */
  logs(
    name: string,
    log: LogOptions,
    o?: CallOptions,
  ): Promise<{ tty: boolean; output: AsyncIterable<OutputChunk> }>;
  top(
    name: string,
    o?: CallOptions & { psArgs?: string },
  ): Promise<{ Titles: string[]; Processes: string[][] }>;
  prune(
    o?: CallOptions & { filters?: Filters },
  ): Promise<{ ContainersDeleted: string[]; SpaceReclaimed: number }>;
}

/**
 * Processes started in running containers. `create` throws `not_found` for the container and `conflict` when it does not
 * run; the others `not_found` for the exec's ID.
 */
export interface ExecService {
  create(container: string, exec: ExecCreate, o?: CallOptions): Promise<{ Id: string }>;
  /** Starts it and attaches; with `detach` the stream is ended at once. */
  start(
    id: string,
    o?: CallOptions & { detach?: boolean; tty?: boolean; consoleSize?: [number, number] },
  ): Promise<AttachStream>;
  resize(id: string, size: { h: number; w: number }, o?: CallOptions): Promise<void>;
  inspect(id: string, o?: CallOptions): Promise<ExecInspect>;
}

/** Builds, those that run and those that were; the results they keep. */
export interface BuildService {
  /** Yields events as they happen; throws when the build fails. The last event of a success is `image`. */
  build(
    request: BuildRequest,
    o?: CallOptions & { auths?: Record<string, RegistryAuth> },
  ): AsyncIterable<BuildEvent>;
  /** The builds that have ended, newest first. */
  list(o?: CallOptions): Promise<BuildRecord[]>;
  /** One of them by the beginning of its ID, the newest for an empty one. Throws `not_found`. */
  inspect(id: string, o?: CallOptions): Promise<BuildReport>;
  /**
   * An image without a name of the filesystem at a step (`3/7`, `build 3/7`), with its environment, directory and user: to
   * run a shell there. Throws `not_found`, also when the files were collected.
   */
  stepImage(id: string, step: string, o?: CallOptions): Promise<{ Image: string }>;
  /** The builds that run, at once and again after each begin and end, until the signal. */
  running(o?: CallOptions): AsyncIterable<RunningBuilds>;
  /**
   * What a build told and tells, from its first event until it has ended. Of a past build: what was kept, without output
   * when it had secrets. Throws `not_found`, also for one too old.
   */
  events(id: string, o?: CallOptions): AsyncIterable<WatchedEvent>;
  /**
   * Drops results of the build cache, those longest unused first, within the limits of space. Without `all`, those stay
   * that images have as layers. Filters: `until` (not used since), `id`, `parent`, `type`, `description`, `inuse`, `shared`,
   * `private`. Throws `invalid_argument` for another.
   */
  prune(
    o?: CallOptions & { all?: boolean; filters?: Filters } & PruneSpace,
  ): Promise<{ CachesDeleted: string[]; SpaceReclaimed: number }>;
}

/** The builds that run at one moment. */
export interface RunningBuilds {
  readonly running: readonly RunningBuild[];
}

export type { BuildEvent, BuildRecord, BuildReport, BuildRequest, BuildResult, RunningBuild, WatchedEvent };

/**
 * Networks, by name, ID or unambiguous prefix of the ID; all that take one throw `not_found`. `create` throws `conflict`
 * for the name, `remove` `forbidden` for a predefined network and while containers have it.
 */
export interface NetworkService {
  list(o?: CallOptions & { filters?: Filters }): Promise<NetworkInspect[]>;
  create(spec: NetworkCreate, o?: CallOptions): Promise<{ Id: string; Warning: string }>;
  inspect(name: string, o?: CallOptions & { verbose?: boolean; scope?: string }): Promise<NetworkInspect>;
  remove(name: string, o?: CallOptions): Promise<void>;
  connect(name: string, container: string, endpoint?: EndpointSettings, o?: CallOptions): Promise<void>;
  disconnect(name: string, container: string, o?: CallOptions & { force?: boolean }): Promise<void>;
  prune(o?: CallOptions & { filters?: Filters }): Promise<{ NetworksDeleted: string[] }>;
}

/**
 * Named volumes. `create` gives what is there when the name is taken; `inspect` and `remove` throw `not_found`, `remove`
 * `conflict` while a container has the volume.
 */
export interface VolumeService {
  /** A tar of what the volume holds. Throws, as it is read too, `not_found`. */
  export(name: string, o?: CallOptions): Promise<ByteStream>;
  /** A volume with what the tar holds. Throws `conflict` when it is there and holds something. */
  import(name: string, archive: ByteStream, o?: CallOptions): Promise<VolumeInspect>;
  /** A new volume with the files and labels of another. Throws `not_found`, `conflict`. */
  clone(name: string, copyName: string, o?: CallOptions): Promise<VolumeInspect>;
  list(o?: CallOptions & { filters?: Filters }): Promise<{ Volumes: VolumeInspect[]; Warnings: string[] }>;
  create(spec: VolumeCreate, o?: CallOptions): Promise<VolumeInspect>;
  inspect(name: string, o?: CallOptions): Promise<VolumeInspect>;
  remove(name: string, o?: CallOptions & { force?: boolean }): Promise<void>;
  prune(
    o?: CallOptions & { filters?: Filters },
  ): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }>;
}
