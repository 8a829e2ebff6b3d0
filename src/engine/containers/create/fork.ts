import { randomBytes } from "node:crypto";
import { mkdir, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { CleanupStack } from "../../../internal/cleanup-stack.ts";
import { SlipwayError } from "../../../errors.ts";
import type { HostConfig } from "../../types/container-config.ts";
import { frozen } from "../files/frozen.ts";
import { pathsOf, publishEvent, traced, type ContainerHost } from "../host.ts";
import { checkName } from "./names.ts";
import { createdState, isActive, volumeNames, type ContainerRecord, type RecordedMount } from "../record.ts";

export interface ForkOptions {
  /** `clone` (the default): the fork gets copies of the volumes; `share`: both use the same. Binds are always shared. */
  readonly volumes?: "clone" | "share" | undefined;
  /** It is removed when it ends, and is not restarted. Default: as the source. */
  readonly autoRemove?: boolean | undefined;
}

/**
 * Makes a container like another one, running or not, with a copy of its files as they are now. Its processes stand
 * still while files and volumes are copied, so the copy is what a power cut at that moment would leave: databases start
 * from it. Its record says `pending` until {@link settleFork}. Nothing is left when a part fails. Throws `not_found`, and `conflict` for the name or while the other one is
 * being removed.
 */
export async function forkContainer(
  host: ContainerHost,
  name: string,
  newName: string,
  o: ForkOptions = {},
): Promise<ContainerRecord> {
  const bare = checkName(newName);
  host.store.assertNameFree(bare, "");
  const { id } = host.store.get(name);
  return await host.locks.run(id, async () => {
    const source = host.store.get(id);
    checkForkable(source);
    await using undo = new CleanupStack();
    const forkId = randomBytes(32).toString("hex");
    using lease = host.leases.create("fork");
    lease.add(`snapshot/${forkId}`);
    const { directory } = pathsOf(host, forkId);
    undo.push(() => rm(directory, { recursive: true, force: true }));
    await mkdir(directory, { recursive: true, mode: 0o710 });
    const mounts = await traced(host, source, "fork", () =>
      frozen(host, source, true, () => copyFiles(host, source, forkId, o, undo)),
    );
    const record = forkRecord(source, {
      id: forkId,
      name: bare,
      mounts,
      now: host.now(),
      autoRemove: o.autoRemove ?? source.hostConfig.AutoRemove === true,
    });
    host.store.put(record);
    undo.release();
    publishEvent(host, record, "create");
    return record;
  });
}

/**
 * Brings the fork's files to the disk, and its record after them: from then on a power cut takes nothing of it. One that
 * is removed at its end would not outlive the cut, and waits for no disk.
 */
export async function settleFork(host: ContainerHost, record: ContainerRecord): Promise<void> {
  if (record.hostConfig.AutoRemove !== true) {
    const own = record.mounts.filter(({ point }) => point.Type === "volume").map(({ point }) => point.Source);
    await flushFileSystems(host, [pathsOf(host, record.id).directory, ...own.map(dirname)]);
  }
  delete record.pending;
  if (host.store.byId(record.id) !== record) return;
  if (record.hostConfig.AutoRemove === true) host.store.putState(record);
  else host.store.put(record);
  for (const volume of volumeNames(record)) host.volumes.settle(volume);
}

/** Layers and volumes are mostly on one file system, which is flushed once. */
async function flushFileSystems(host: ContainerHost, directories: readonly string[]): Promise<void> {
  const byDevice = new Map<number, string>();
  for (const directory of directories) byDevice.set((await stat(directory)).dev, directory);
  await Promise.all([...byDevice.values()].map((directory) => host.copier.flush(directory)));
}

function checkForkable({ name, state }: ContainerRecord): void {
  if (state.status !== "removing" && state.status !== "dead") return;
  const why = state.status === "dead" ? "is dead" : "is being removed";
  throw new SlipwayError("conflict", `You cannot fork container ${name} which ${why}`);
}

/** The mounts of the fork. */
async function copyFiles(
  host: ContainerHost,
  source: ContainerRecord,
  forkId: string,
  { volumes = "clone" }: ForkOptions,
  undo: CleanupStack,
): Promise<RecordedMount[]> {
  const names = new Set(volumes === "share" ? [] : source.mounts.flatMap(({ point }) => point.Name ?? []));
  const clones = new Map<string, string>();
  const copies = await Promise.allSettled([
    copyLayer(host, source.id, forkId, undo),
    ...[...names].map(async (name) => clones.set(name, await cloneVolume(host, source, name, undo))),
  ]);
  for (const copy of copies) if (copy.status === "rejected") throw copy.reason;
  return source.mounts.map((mount) => withVolume(host, mount, clones.get(mount.point.Name ?? "")));
}

async function copyLayer(
  host: ContainerHost,
  from: string,
  forkId: string,
  undo: CleanupStack,
): Promise<void> {
  await host.snapshotter.fork(forkId, from);
  undo.push(() => host.snapshotter.remove(forkId));
}

/** The copy belongs to the fork alone, and goes with it as anonymous volumes do (`rm -v`, `--rm`). */
async function cloneVolume(
  host: ContainerHost,
  source: ContainerRecord,
  name: string,
  undo: CleanupStack,
): Promise<string> {
  const { labels } = host.volumes.get(name);
  const clone = await host.volumes.create({ labels, pending: true });
  undo.push(() => host.volumes.remove(clone.name));
  const writers = host.store
    .all()
    .filter((each) => each !== source && isActive(each) && volumeNames(each).includes(name));
  const still = writers.length === 0;
  await host.copier.copy(await host.volumes.open(name), host.volumes.path(clone.name), { still });
  // One with options is mounted only while a container that runs has it.
  if (still && !isActive(source)) await host.volumes.close(name);
  return clone.name;
}

function withVolume(host: ContainerHost, mount: RecordedMount, clone: string | undefined): RecordedMount {
  if (clone === undefined) return mount;
  const { request, point } = mount;
  return {
    request: { ...request, source: clone, volume: { ...request.volume, options: {} } },
    point: { ...point, Name: clone, Source: host.volumes.path(clone) },
  };
}

/** Everything as the source has it, but what can be there only once: name, addresses, ports of the host. Pure. */
function forkRecord(
  source: ContainerRecord,
  made: { id: string; name: string; mounts: readonly RecordedMount[]; now: number; autoRemove: boolean },
): ContainerRecord {
  const { health: _health, ...rest } = structuredClone(source);
  const ownName = source.config.Hostname === source.id.slice(0, 12);
  return {
    ...rest,
    pending: true,
    id: made.id,
    name: made.name,
    created: new Date(made.now).toISOString(),
    config: { ...rest.config, ...(ownName && { Hostname: made.id.slice(0, 12) }) },
    ...(rest.lazy !== undefined && { lazy: { ...rest.lazy, armed: false, ports: [] } }),
    hostConfig: {
      ...rest.hostConfig,
      PortBindings: portsAnew(source.hostConfig),
      AutoRemove: made.autoRemove,
      // One of the two alone, as everywhere.
      ...(made.autoRemove && { RestartPolicy: { Name: "no", MaximumRetryCount: 0 } }),
    },
    mounts: made.mounts,
    networks: Object.fromEntries(Object.keys(source.networks).map((name) => [name, {}])),
    endpoints: {},
    state: createdState(),
  };
}

/** The same ports of the container on the same addresses of the host, with free numbers. */
function portsAnew({ PortBindings }: HostConfig): NonNullable<HostConfig["PortBindings"]> {
  const anew = Object.entries(PortBindings ?? {}).map(([port, bindings]) => [
    port,
    (bindings ?? []).map((binding) => ({ ...binding, HostPort: "" })),
  ]);
  return Object.fromEntries(anew);
}
