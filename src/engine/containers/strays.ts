import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { detachBelow } from "../../platform/detach-below.ts";
import { imageViewsOf, isImageView } from "./image-mounts.ts";
import type { ContainerHost } from "./host.ts";

type StrayHost = Pick<ContainerHost, "root" | "runDirectory" | "store" | "runtime" | "netns" | "snapshotter">;

/**
 * Removes what no record names, at the start of an engine: tasks, mounts, network namespaces, directories and writable
 * layers of containers whose creation or removal was cut short, and the mounts and namespaces of builds that died with
 * their engine. Idempotent.
 */
export async function removeStrays(host: StrayHost): Promise<void> {
  const known = (id: string) => host.store.byId(id) !== undefined;
  const run = join(host.runDirectory, "containers");
  for (const id of await host.runtime.list()) {
    if (!known(id)) await host.runtime.remove(id, join(run, id));
  }
  await detachStrayMounts(host, known);
  await removeUnknown(run, known);
  await rm(join(host.runDirectory, "builds"), { recursive: true, force: true });
  for (const id of await names(join(host.runDirectory, "netns"))) if (!known(id)) await host.netns.delete(id);
  await removeUnknown(join(host.root, "containers"), known);
  await removeStrayLayers(host, known);
}

/** Builds have no mount worth keeping; a container has two, its root and its namespace, both named by its ID. */
async function detachStrayMounts(host: StrayHost, known: (id: string) => boolean): Promise<void> {
  const roots = join(host.runDirectory, "containers");
  const isKept = (path: string) =>
    path.startsWith(`${roots}/`) && known(path.slice(roots.length + 1).split("/", 1)[0] ?? "");
  await detachBelow([roots, join(host.runDirectory, "builds")], isKept);
}

async function removeUnknown(directory: string, known: (id: string) => boolean): Promise<void> {
  for (const id of await names(directory)) {
    if (!known(id)) await rm(join(directory, basename(id)), { recursive: true, force: true });
  }
}

async function removeStrayLayers(host: StrayHost, known: (id: string) => boolean): Promise<void> {
  const views = new Set(host.store.all().flatMap(imageViewsOf));
  for await (const { key, kind } of host.snapshotter.list()) {
    const isContainer = kind === "active" && /^[0-9a-f]{64}$/.test(key);
    const isStray = isContainer ? !known(key) : isImageView(key) && !views.has(key);
    if (isStray) await host.snapshotter.remove(key);
  }
}

async function names(directory: string): Promise<string[]> {
  return await readdir(directory).catch(() => []);
}
