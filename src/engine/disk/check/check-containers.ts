import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Problem } from "../../../image/check/problem.ts";
import { detachMount } from "../../../platform/mount.ts";
import type { OverlaySnapshotter } from "../../../snapshot/overlay-snapshotter.ts";
import type { SnapshotInfo } from "../../../snapshot/snapshotter.ts";
import type { ContainerHost } from "../../containers/host.ts";
import { isActive, type ContainerRecord } from "../../containers/record.ts";
import { mountTable, type MountEntry } from "./mount-table.ts";

/** Every container: its writable layer, its root's mount; and what is left of those that are gone. */
export async function* checkContainers(
  host: ContainerHost,
  snapshotter: OverlaySnapshotter,
): AsyncGenerator<Problem> {
  for (const record of host.store.all()) {
    const problem = await layerProblem(host, snapshotter, record);
    if (problem !== undefined) yield problem;
  }
  yield* staleMounts(host);
  yield* leftDirectories(host);
  yield* leftLayers(host);
}

async function layerProblem(
  host: ContainerHost,
  snapshotter: OverlaySnapshotter,
  { id, name }: ContainerRecord,
): Promise<Problem | undefined> {
  const why = await snapshotter.mounts(id).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
  if (why === undefined || host.store.byId(id) === undefined) return undefined;
  const what = `Container "${name}" (${id.slice(0, 12)}): its writable layer is missing: ${why}`;
  const parent = await parentOfGone(host, snapshotter, id);
  if (parent === undefined) return { kind: "container", what, advice: "remove the container" };
  const run = async () => {
    await snapshotter.remove(id);
    await snapshotter.prepare(id, parent);
  };
  return { kind: "container", what, repair: { how: "make it again, empty", run } };
}

/** What a container's layer stands on, where nothing but its own files is gone and nothing runs in it. */
async function parentOfGone(
  { store }: ContainerHost,
  snapshotter: OverlaySnapshotter,
  id: string,
): Promise<string | undefined> {
  const record = store.byId(id);
  const { parent } = await snapshotter.stat(id).catch(() => ({ parent: undefined }));
  if (record === undefined || isActive(record) || parent === undefined) return undefined;
  return snapshotter.isGone(id) && !snapshotter.isGone(parent) ? parent : undefined;
}

/** A root that is mounted though nothing runs in it. */
async function* staleMounts(host: ContainerHost): AsyncGenerator<Problem> {
  const roots = join(host.runDirectory, "containers");
  const isStale = ({ target }: MountEntry) => {
    const record = host.store.byId(target.slice(roots.length + 1).split("/", 1)[0] ?? "");
    return record === undefined || !(isActive(record) || record.state.status === "restarting");
  };
  const find = async () =>
    (await mountTable()).filter((entry) => entry.target.startsWith(`${roots}/`) && isStale(entry));
  for (const entry of await lasting(find, ({ target }) => target)) {
    const run = async () => void (isStale(entry) && detachMount(entry.target));
    const what = `Mount "${entry.target}" belongs to no running container`;
    yield { kind: "mount", what, repair: { how: "unmount it", run } };
  }
}

async function* leftDirectories(host: ContainerHost): AsyncGenerator<Problem> {
  const directory = join(host.root, "containers");
  const find = async () =>
    (await readdir(directory).catch(() => [])).filter((id) => host.store.byId(id) === undefined);
  for (const id of await lasting(find, (name) => name)) {
    if (!/^[0-9a-f]{64}$/.test(id)) {
      const what = `"containers/${id}" belongs to no container`;
      yield { kind: "leftover", what, advice: "remove it if it is nothing of yours" };
      continue;
    }
    const run = () => rm(join(directory, basename(id)), { recursive: true, force: true });
    yield {
      kind: "leftover",
      what: `"containers/${id}" belongs to no container`,
      repair: { how: "remove it", run },
    };
  }
}

/** Writable layers of containers that are gone. */
async function* leftLayers({ snapshotter, store, leases }: ContainerHost): AsyncGenerator<Problem> {
  const isLeft = ({ key, kind }: SnapshotInfo) => {
    const isContainers = kind === "active" && /^[0-9a-f]{64}$/.test(key);
    return isContainers && store.byId(key) === undefined && !leases.isHeld(`snapshot/${key}`);
  };
  const find = async () => (await Array.fromAsync(snapshotter.list())).filter(isLeft);
  for (const info of await lasting(find, ({ key }) => key)) {
    const run = async () => {
      if (isLeft(info)) await snapshotter.remove(info.key);
    };
    const what = `Writable layer "${info.key}" belongs to no container`;
    yield { kind: "leftover", what, repair: { how: "remove it", run } };
  }
}

/** What `find` still finds after two seconds: what goes on finishes, and what is left over stays. */
async function lasting<T>(find: () => Promise<T[]>, keyOf: (item: T) => string): Promise<T[]> {
  let found = await find();
  for (let tries = 0; tries < 20 && found.length > 0; tries += 1) {
    await sleep(100);
    const still = new Set((await find()).map(keyOf));
    found = found.filter((item) => still.has(keyOf(item)));
  }
  return found;
}
