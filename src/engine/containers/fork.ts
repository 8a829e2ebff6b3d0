import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { CleanupStack } from "../../internal/cleanup-stack.ts";
import { SlipwayError } from "../../errors.ts";
import type { HostConfig } from "../types/container-config.ts";
import { frozen } from "./frozen.ts";
import { pathsOf, publishEvent, traced, type ContainerHost } from "./host.ts";
import { checkName } from "./names.ts";
import { neverTime, volumeNames, type ContainerRecord, type RecordedMount } from "./record.ts";

export interface ForkOptions {
  /** `clone` (the default): the fork gets copies of the volumes; `share`: both use the same. Binds are always shared. */
  readonly volumes?: "clone" | "share" | undefined;
}

/**
 * Makes a container like another one, running or not, with a copy of its files as they are now. Its processes stand
 * still while files and volumes are copied, so the copy is what a power cut at that moment would leave: databases start
 * from it. Nothing is left when a part fails. Throws `not_found`, and `conflict` for the name or while the other one is
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
    const record = forkRecord(source, { id: forkId, name: bare, mounts, now: host.now() });
    host.store.put(record);
    for (const volume of volumeNames(record)) host.volumes.settle(volume);
    undo.release();
    publishEvent(host, record, "create");
    return record;
  });
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
  await host.snapshotter.fork(forkId, source.id);
  undo.push(() => host.snapshotter.remove(forkId));
  if (volumes === "share") return [...source.mounts];
  const names = new Set(source.mounts.flatMap(({ point }) => point.Name ?? []));
  const clones = new Map<string, string>();
  for (const name of names) clones.set(name, await cloneVolume(host, name, undo));
  return source.mounts.map((mount) => withVolume(host, mount, clones.get(mount.point.Name ?? "")));
}

/** The copy belongs to the fork alone, and goes with it as anonymous volumes do (`rm -v`, `--rm`). */
async function cloneVolume(host: ContainerHost, name: string, undo: CleanupStack): Promise<string> {
  const { labels } = host.volumes.get(name);
  const clone = await host.volumes.create({ labels, pending: true });
  undo.push(() => host.volumes.remove(clone.name));
  await host.copier.copy(await host.volumes.open(name), host.volumes.path(clone.name));
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
  made: { id: string; name: string; mounts: readonly RecordedMount[]; now: number },
): ContainerRecord {
  const { health: _health, ...rest } = structuredClone(source);
  const ownName = source.config.Hostname === source.id.slice(0, 12);
  return {
    ...rest,
    id: made.id,
    name: made.name,
    created: new Date(made.now).toISOString(),
    config: { ...rest.config, ...(ownName && { Hostname: made.id.slice(0, 12) }) },
    ...(rest.lazy !== undefined && { lazy: { ...rest.lazy, armed: false, ports: [] } }),
    hostConfig: { ...rest.hostConfig, PortBindings: portsAnew(source.hostConfig) },
    mounts: made.mounts,
    networks: Object.fromEntries(Object.keys(source.networks).map((name) => [name, {}])),
    endpoints: {},
    state: {
      status: "created",
      pid: 0,
      exitCode: 0,
      error: "",
      oomKilled: false,
      startedAt: neverTime,
      finishedAt: neverTime,
      restartCount: 0,
      stoppedByUser: false,
    },
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
