import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CleanupStack } from "../internal/cleanup-stack.ts";
import { KeyedMutex } from "../internal/keyed-mutex.ts";
import { noTrace } from "../internal/trace.ts";
import { collectGarbage } from "../image/collect-garbage.ts";
import { dropLayerBlobs, type DropParts } from "../image/drop-layer-blobs.ts";
import { readImage } from "../image/read-image.ts";
import { TreeArchiver } from "../layer/tree-archiver.ts";
import { BridgeDriver } from "../network/bridge-driver.ts";
import { Home } from "../network/home.ts";
import { NetnsDirectory } from "../network/netns.ts";
import { dialDirectly } from "../network/dial.ts";
import { Relay } from "../network/relay.ts";
import { NetworkStore } from "../network/network-store.ts";
import { findHostCA } from "../runtime/host-ca.ts";
import { openRuntime, type OciRuntime } from "../runtime/oci-runtime.ts";
import { readHostFacts } from "../runtime/spec/host-facts.ts";
import { probeOverlay } from "../snapshot/probe-overlay.ts";
import { TreeCopier } from "../snapshot/tree-copier.ts";
import { lockRoot } from "../state/lock-root.ts";
import type { Lease } from "../state/leases.ts";
import { VolumeStore } from "../volume/volume-store.ts";
import { LocalAccess } from "./access/local-access.ts";
import { LocalBuilds } from "./builds.ts";
import { dropPassing } from "./images/drop-passing.ts";
import type { EngineConfig } from "./config.ts";
import { ContainerExecs } from "./containers/execs.ts";
import type { ContainerHost } from "./containers/host.ts";
import { LocalContainerFiles } from "./containers/files/local-files.ts";
import { LocalContainerResources } from "./containers/local-resources.ts";
import { imageViewsOf } from "./containers/image-mounts.ts";
import { completeLogConfig } from "./containers/create/log-config.ts";
import { LiveContainers } from "./containers/live.ts";
import { LocalContainers } from "./containers/local-containers.ts";
import { reconcile, startDue } from "./containers/reconcile.ts";
import { isActive, volumeNames, type ContainerRecord } from "./containers/record.ts";
import { Sleepers } from "./containers/sleepers.ts";
import { ContainerStore } from "./containers/store.ts";
import { sweepViews } from "./containers/files/view.ts";
import { Waiters } from "./containers/waiters.ts";
import type { Engine } from "./engine.ts";
import { EventJournal } from "./event-journal.ts";
import { Events } from "./events.ts";
import { Collector } from "./gc/collector.ts";
import { canFetchAgain } from "./images/fetch-again.ts";
import type { ImageHost } from "./images/image-host.ts";
import { LocalImages } from "./images/local-images.ts";
import { registriesOf } from "./images/look-into-registries.ts";
import { LocalManifests } from "./manifests/local-manifests.ts";
import { NetworkConnections } from "./network-connections.ts";
import { Networks } from "./networks.ts";
import { openStores, type Stores } from "./open-stores.ts";
import { LocalStore } from "./local-store.ts";
import { LocalSystem } from "./system.ts";
import { VolumeData } from "./volume-data.ts";
import { Volumes } from "./volumes.ts";
import { makeNow } from "./now.ts";

/** Programs for `--init`. Static ones alone: they run in images that have no libraries. */
const initPrograms = [
  "/usr/bin/tini-static",
  "/usr/bin/catatonit",
  "/usr/libexec/podman/catatonit",
  "/usr/libexec/catatonit/catatonit",
];

/** The engine that does the work. */
export interface LocalEngine extends Engine {
  readonly access: LocalAccess;
  /**
   * Takes everything out of the running system that this engine put there: containers, links, rules. Its files stay.
   * Dispose it afterwards.
   */
  uninstall(): Promise<void>;
}

/**
 * Opens the engine of `config.root`: stores, runtime, networks, and the containers that an earlier engine left running.
 * Dispose ends the engine and leaves the containers alone. Throws `conflict` when another engine works on the root,
 * `forbidden` and `unavailable` when this host cannot run containers.
 */
export async function openEngine(config: EngineConfig): Promise<LocalEngine> {
  const cleanup = new CleanupStack();
  try {
    const lock = lockRoot(config.root);
    cleanup.push(() => lock[Symbol.dispose]());
    await mkdir(config.runDirectory, { recursive: true, mode: 0o711 });
    const runtime = await openRuntime({
      runDir: join(config.runDirectory, "runtime"),
      runtime: config.runtime,
      searchPath: config.searchPath,
      rootless: config.rootless !== undefined,
    });
    cleanup.push(async () => runtime[Symbol.dispose]());
    await probeOverlay(config.root);
    const stores = await openStores(config.root, {
      userXattrs: config.rootless !== undefined,
      registries: config.registries ?? {},
    });
    cleanup.push(() => stores.state[Symbol.dispose]());
    cleanup.push(() => stores.snapshotter[Symbol.asyncDispose]());
    cleanup.push(() => stores.differ[Symbol.asyncDispose]());
    return await assemble(config, stores, runtime, cleanup);
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

async function assemble(
  config: EngineConfig,
  stores: Stores,
  runtime: OciRuntime,
  cleanup: CleanupStack,
): Promise<LocalEngine> {
  const copier = new TreeCopier();
  cleanup.push(() => copier[Symbol.asyncDispose]());
  const relay = relayOf(config);
  cleanup.push(async () => relay?.[Symbol.asyncDispose]());
  const host = await openHost(config, stores, { runtime, copier, relay });
  cleanup.push(() => host.bridges.close());
  cleanup.push(() => runtime.logs.close());
  const images = imageHost(config, stores, host, {
    collect: () => collector.collect(),
    collectSoon: () => collector.soon(),
  });
  cleanup.push(() => host.live.close());
  await runtime.sweepForeground();
  await sweepViews(config.runDirectory);
  const due = await reconcile(host);
  await host.volumes.sweep(new Set(host.store.all().flatMap(volumeNames)));
  const sleepers = new Sleepers(host);
  cleanup.push(() => sleepers[Symbol.asyncDispose]());
  await sleepers.restore();
  const containers = new LocalContainers(host, sleepers);
  const builds = new LocalBuilds({ config, stores, host, images, containers }, () => collector.soon());
  const collector = new Collector({
    root: config.root,
    budget: config.diskBudget ?? {},
    ...builds.cacheBudget(),
    ...(config.layerBlobs === "drop" && { tidy: () => dropBlobs(stores) }),
    sweep: () => sweep(stores, host),
    warn: config.warn,
  });
  dropPassing(images);
  const settled = Promise.all([startDue(host, due), collector.start()]);
  cleanup.push(() => settled);
  cleanup.push(() => builds[Symbol.asyncDispose]());
  cleanup.push(() => collector[Symbol.asyncDispose]());
  const files = new LocalContainerFiles(host, stores);
  cleanup.push(() => files[Symbol.asyncDispose]());
  const localImages = new LocalImages(images);
  const store = new LocalStore({ config, stores, host, images });
  const archiver = new TreeArchiver();
  cleanup.push(() => archiver[Symbol.asyncDispose]());
  const users = (name: string) => volumeUsers(host, name);
  const volumes = new Volumes({
    store: host.volumes,
    data: new VolumeData({ store: host.volumes, archiver, copier, users }),
    users,
    events: host.events,
  });
  return {
    images: localImages,
    registries: registriesOf(images),
    manifests: new LocalManifests(images, stores.state.collection("manifest-list")),
    containers,
    files,
    resources: new LocalContainerResources(host),
    execs: new ContainerExecs(host),
    builds,
    networks: new Networks({
      store: host.networks,
      endpoints: (networkId) => host.bridges.endpoints(networkId),
      containers: new NetworkConnections(host),
      events: host.events,
    }),
    volumes,
    system: new LocalSystem({
      config,
      stores,
      host,
      runtime,
      services: { images: localImages, containers, volumes },
    }),
    store,
    access: new LocalAccess(stores.state.collection("token"), stores.state.collection("socket")),
    uninstall: async () => {
      await store.unmountAll();
      const records = host.store.all();
      await Promise.all(records.map(({ id }) => containers.remove(id, { force: true, volumes: true })));
      await host.bridges.uninstall();
    },
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}

function relayOf({ rootless, runDirectory }: EngineConfig): Relay | undefined {
  if (rootless === undefined) return undefined;
  return new Relay({ netns: rootless.netns, socket: join(runDirectory, "relay.sock") });
}

async function openHost(
  config: EngineConfig,
  stores: Stores,
  { runtime, copier, relay }: { runtime: OciRuntime; copier: TreeCopier; relay: Relay | undefined },
): Promise<ContainerHost> {
  const { state, images, snapshotter } = stores;
  const store = new ContainerStore(state.collection<ContainerRecord>("container"));
  const bridges = new BridgeDriver({
    table: config.nftTable,
    publishAddress: config.publishAddress,
    dnsDirectory: join(config.runDirectory, "dns"),
    home: new Home(config.rootless?.netns),
    dial: relay?.dial,
    dialUdp: relay?.dialUdp,
  });
  const networks = new NetworkStore(state.collection("network"), bridges);
  const running = store.all().filter(isActive);
  await bridges.restore(
    networks.list(),
    running.flatMap(({ endpoints }) => Object.values(endpoints)),
  );
  await networks.ensurePredefined(config.bridge);
  const now = makeNow();
  return {
    root: config.root,
    runDirectory: config.runDirectory,
    store,
    live: new LiveContainers(),
    waiters: new Waiters(),
    events: new Events(now, await EventJournal.open(join(config.root, "events.log"))),
    locks: new KeyedMutex(),
    images,
    imageSnapshot: async (id, lease, signal) => await snapshotOf(stores, id, lease, signal),
    snapshotter,
    copier,
    leases: stores.leases,
    runtime,
    networks,
    bridges,
    netns: new NetnsDirectory(join(config.runDirectory, "netns"), {
      mayReturn: config.rootless === undefined,
    }),
    volumes: new VolumeStore(state.collection("volume"), join(config.root, "volumes")),
    dial: relay?.dial ?? dialDirectly,
    hostCA: findHostCA(config.hostCA),
    alwaysHostCA: config.alwaysHostCA === true,
    facts: readHostFacts(config.rootless !== undefined),
    logConfig: completeLogConfig(config.logs, undefined),
    publishAddress: config.publishAddress ?? "",
    init: initPrograms.find((path) => existsSync(path)),
    now,
    warn: config.warn,
    trace: config.trace ?? noTrace,
  };
}

function volumeUsers(host: ContainerHost, name: string): string[] {
  const users = host.store.all().filter(({ mounts }) => mounts.some(({ point }) => point.Name === name));
  return users.map(({ id }) => id);
}

async function snapshotOf(
  stores: Stores,
  imageId: string,
  lease: Lease,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { manifest, config } = await readImage(stores.content, stores.images.get(imageId).manifest, {
    signal,
  });
  return (await stores.unpacker.unpack(manifest, config, stores.images, { lease, signal }))?.snapshot;
}

function imageHost(
  config: EngineConfig,
  stores: Stores,
  host: ContainerHost,
  collection: Pick<ImageHost, "collect" | "collectSoon">,
): ImageHost {
  return {
    ...stores,
    events: host.events,
    registries: config.registries ?? {},
    pushCompression: config.pushCompression ?? "gzip",
    containersOf: (image) =>
      host.store
        .all()
        .filter((record) => record.image === image)
        .map((record) => ({ id: record.id, running: isActive(record) })),
    ...collection,
  };
}

async function sweep(stores: Stores, host: ContainerHost): Promise<number> {
  const snapshotsInUse = () => [
    ...host.store.all().flatMap((record) => [record.id, ...imageViewsOf(record)]),
    ...stores.buildCache.snapshots(),
  ];
  const { bytes } = await collectGarbage({ ...stores, snapshotsInUse });
  void stores.snapshotter.settled().then(() => stores.state.reserveSpace());
  return bytes;
}

async function dropBlobs(stores: Stores): Promise<void> {
  const canFetch: DropParts["canFetch"] = (blob, options) => canFetchAgain(stores.origins, blob, options);
  await dropLayerBlobs({ ...stores, canFetch });
}
