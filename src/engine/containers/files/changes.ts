import { rmdir } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { CleanupStack } from "../../../internal/cleanup-stack.ts";
import type { TreeArchiver } from "../../../layer/tree-archiver.ts";
import { writableDirectory } from "../../../layer/writable-directory.ts";
import type { CallOptions } from "../../../oci/call-options.ts";
import { mountAll } from "../../../platform/mount-all.ts";
import type { FilesystemChange } from "../../container-files.ts";
import type { ContainerHost } from "../host.ts";

/** What a container changed in its root since it was made. Throws `not_found`. */
export async function containerChanges(
  host: ContainerHost,
  archiver: TreeArchiver,
  name: string,
  o: CallOptions,
): Promise<FilesystemChange[]> {
  const { id } = host.store.get(name);
  const { path: upper, xattrs } = writableDirectory(await host.snapshotter.mounts(id));
  const { parent } = await host.snapshotter.stat(id);
  await using cleanup = new CleanupStack();
  const lower = parent === undefined ? undefined : await mountParent(host, parent, cleanup);
  return withParents(await archiver.changes({ upper, xattrs, lower }, o));
}

/** As Docker, which counts every directory that something changed in as changed. Pure. */
function withParents(changes: readonly FilesystemChange[]): FilesystemChange[] {
  const known = new Set(changes.map(({ Path }) => Path));
  return changes.flatMap((change) => {
    const missing = parentsOf(change.Path).filter((path) => !known.has(path));
    for (const path of missing) known.add(path);
    return [...missing.map((Path): FilesystemChange => ({ Path, Kind: 0 })), change];
  });
}

/** `/a/b/c`: `/a`, `/a/b`. */
function parentsOf(path: string): string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_name, at) => `/${names.slice(0, at + 1).join("/")}`);
}

async function mountParent(host: ContainerHost, parent: string, cleanup: CleanupStack): Promise<string> {
  const key = `changes-${randomBytes(8).toString("hex")}`;
  const lease = host.leases.create("changes");
  cleanup.push(() => lease[Symbol.dispose]());
  lease.add(`snapshot/${key}`);
  const mounts = await host.snapshotter.view(key, parent);
  cleanup.push(() => host.snapshotter.remove(key));
  const directory = join(host.runDirectory, "views", key);
  cleanup.push(() => rmdir(directory).catch(() => undefined));
  const mounted = mountAll(mounts, directory);
  cleanup.push(() => mounted[Symbol.asyncDispose]());
  return directory;
}
