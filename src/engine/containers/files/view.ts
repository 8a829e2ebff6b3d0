import { randomBytes } from "node:crypto";
import { mkdir, readdir, realpath, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CleanupStack } from "../../../internal/cleanup-stack.ts";
import { SlipwayError } from "../../../errors.ts";
import type { Mount } from "../../../oci/mount.ts";
import {
  AT_FDCWD,
  closeFd,
  O_CREAT,
  O_DIRECTORY,
  O_PATH,
  O_WRONLY,
  openAt,
  openConfined,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
} from "../../../platform/fd.ts";
import {
  detachMount,
  MS_BIND,
  MS_NODEV,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  sysMount,
} from "../../../platform/mount.ts";
import { mountAll } from "../../../platform/mount-all.ts";
import { errnoOf } from "../../../platform/syscall-error.ts";
import { withSubpath } from "../../../volume/confined-directory.ts";
import type { MountRequest } from "../../../volume/mount-request.ts";
import { pathsOf, type ContainerHost } from "../host.ts";
import { isActive, type ContainerRecord } from "../record.ts";
import { rootMounts } from "../root-mounts.ts";
import { makeWorkingDirectory } from "../working-directory.ts";

const CONFINED = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

/** A container's files, mounted for the engine to work in. Dispose detaches them (idempotent). */
export interface ContainerView extends AsyncDisposable {
  /** real path of the directory where they are */
  readonly root: string;
}

/**
 * Mounts what a container sees, running or not: its root and, with `volumes`, its volumes and binds; no tmpfs, no /proc,
 * /sys and /dev, as in Docker. Devices cannot be opened through it. While the view of a stopped container is open,
 * the container cannot be started. Throws `conflict` while it is being removed.
 */
export async function openView(
  host: ContainerHost,
  name: string,
  options: { volumes: boolean },
): Promise<ContainerView> {
  const { id } = host.store.get(name);
  const cleanup = new CleanupStack();
  const lock = await host.locks.lock(id);
  cleanup.push(() => lock[Symbol.dispose]());
  try {
    const record = host.store.get(id);
    checkUsable(record);
    const root = await viewDirectory(host, cleanup);
    mountAll(await viewedMounts(host, record), root);
    cleanup.push(() => detachMount(root));
    sysMount("none", root, "", MS_PRIVATE | MS_REC, "");
    if (options.volumes) for (const request of volumesOf(record)) await mountInside(host, root, request);
    // Of a running container the root stays mounted by itself: nobody has to wait for us.
    if (isActive(record)) lock[Symbol.dispose]();
    return { root, [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose]() };
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

/** The files of an image alone: nothing that a container would get beside them. Throws `not_found`. */
export async function openImageView(
  host: ContainerHost,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ContainerView> {
  const cleanup = new CleanupStack();
  try {
    const lease = host.leases.create("image view");
    cleanup.push(() => lease[Symbol.dispose]());
    const snapshot = await host.imageSnapshot(host.images.get(name).id, lease, signal);
    const root = await viewDirectory(host, cleanup);
    if (snapshot !== undefined) {
      const key = `view-${randomBytes(8).toString("hex")}`;
      lease.add(`snapshot/${key}`);
      const mounts = await host.snapshotter.view(key, snapshot);
      cleanup.push(() => host.snapshotter.remove(key));
      mountAll(
        mounts.map((mount) => ({ ...mount, options: [...mount.options, "nodev"] })),
        root,
      );
      cleanup.push(() => detachMount(root));
    }
    return { root, [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose]() };
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

/** Takes away what an engine that was killed left mounted. For the start of an engine. */
export async function sweepViews(runDirectory: string): Promise<void> {
  const directory = viewsDirectory(runDirectory);
  for (const name of await readdir(directory).catch(() => [])) {
    const view = join(directory, name);
    while (detachMount(view));
    await rmdir(view).catch(() => undefined);
  }
}

function checkUsable({ state, name }: ContainerRecord): void {
  if (state.status !== "removing" && state.status !== "dead") return;
  const why = state.status === "dead" ? "is dead" : "is being removed";
  throw new SlipwayError("conflict", `You cannot use the files of container ${name} which ${why}`);
}

async function viewDirectory(host: ContainerHost, cleanup: CleanupStack): Promise<string> {
  const directory = join(viewsDirectory(host.runDirectory), randomBytes(8).toString("hex"));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Never recursive: should something still be mounted there, it must not be reached into.
  cleanup.push(() => rmdir(directory).catch(() => undefined));
  return await realpath(directory);
}

function viewsDirectory(runDirectory: string): string {
  return join(runDirectory, "views");
}

async function viewedMounts(host: ContainerHost, record: ContainerRecord): Promise<Mount[]> {
  if (isActive(record)) {
    const source = pathsOf(host, record.id).rootfs;
    return [{ type: "bind", source, options: ["bind", "nodev"] }];
  }
  const mounts = await rootMounts(host, record);
  return mounts.map((mount) => ({ ...mount, options: [...mount.options, "nodev"] }));
}

/** Parents before children. */
function volumesOf(record: ContainerRecord): MountRequest[] {
  const depth = ({ target }: MountRequest) => target.split("/").filter(Boolean).length;
  return record.mounts
    .map(({ request }) => request)
    .filter(({ type }) => type === "bind" || type === "volume")
    .toSorted((a, b) => depth(a) - depth(b));
}

async function mountInside(host: ContainerHost, root: string, request: MountRequest): Promise<void> {
  const { source, subpath } = request;
  const path = request.type === "volume" ? await host.volumes.open(source) : source;
  if (subpath === "") return await mountAt(root, request, path);
  await withSubpath(path, subpath, (found) => mountAt(root, request, found));
}

async function mountAt(root: string, request: MountRequest, source: string): Promise<void> {
  const isDirectory = await stat(source).then(
    (found) => found.isDirectory(),
    () => undefined,
  );
  if (isDirectory === undefined) return;
  makeMountPoint(root, request.target, isDirectory);
  const recursion = request.nonRecursive ? 0 : MS_REC;
  inside(root, request.target, (place) => sysMount(source, place, "", MS_BIND | recursion, ""));
  inside(root, request.target, (place) => {
    sysMount("none", place, "", MS_PRIVATE | MS_REC, "");
    const access = request.readOnly ? MS_RDONLY : 0;
    sysMount("none", place, "", MS_REMOUNT | MS_BIND | MS_NODEV | access, "");
  });
}

/** Calls `work` with a path that means `target` of the tree, whatever links the tree has. */
function inside(root: string, target: string, work: (place: string) => void): void {
  const top = openAt(AT_FDCWD, root, O_PATH | O_DIRECTORY);
  try {
    const fd = openConfined(top, target, O_PATH, CONFINED);
    try {
      work(`/proc/self/fd/${fd}`);
    } finally {
      closeFd(fd);
    }
  } finally {
    closeFd(top);
  }
}

/** A container that never ran has no mount points yet. */
function makeMountPoint(root: string, target: string, isDirectory: boolean): void {
  makeWorkingDirectory(root, isDirectory ? target : dirname(target));
  if (isDirectory) return;
  const top = openAt(AT_FDCWD, root, O_PATH | O_DIRECTORY);
  try {
    closeFd(openConfined(top, target, O_PATH, CONFINED));
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    closeFd(openConfined(top, target, O_WRONLY | O_CREAT, CONFINED, 0o644));
  } finally {
    closeFd(top);
  }
}
