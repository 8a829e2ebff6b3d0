import { createHash } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { SlipwayError } from "../../errors.ts";
import type { CleanupStack } from "../../internal/cleanup-stack.ts";
import type { KeyedMutex } from "../../internal/keyed-mutex.ts";
import type { OciMount } from "../../runtime/spec/oci-spec.ts";
import { selectSources } from "../files/select-sources.ts";
import type { SnapshotRef } from "../op-handler.ts";
import { openView, type RootSource } from "../step-root.ts";
import type { ExecMount } from "../vertex.ts";

export interface CacheParts extends RootSource {
  /** Where cache mounts live from build to build. */
  readonly cacheDir: string;
  /** Shared by all builds: who holds a cache mount alone. */
  readonly cacheLocks: KeyedMutex;
  /** Directories of private cache mounts in use. */
  readonly busyCaches: Set<string>;
  /** Fills the empty directory of a new cache mount with what a cache of another engine has; false: it has nothing. */
  readonly fillMount?: (id: string, directory: string, options: { signal: AbortSignal }) => Promise<boolean>;
}

/** Where the shared cache mount of an ID lives, and the name it is locked by. */
export function cacheMountPath(cacheDir: string, id: string): { name: string; path: string } {
  const name = createHash("sha256").update(id).digest("hex");
  return { name, path: `${cacheDir}/${name}` };
}

type CacheMount = Extract<ExecMount, { type: "cache" }>;

/**
 * Waits for the cache mounts that the step wants for itself. In one order for all steps, so that no two wait for each
 * other, and each once, however often the step mounts it.
 */
export async function lockCaches(
  { cacheDir, cacheLocks }: Pick<CacheParts, "cacheDir" | "cacheLocks">,
  mounts: readonly ExecMount[],
  undo: CleanupStack,
  signal: AbortSignal,
): Promise<void> {
  const names = mounts.flatMap((mount) =>
    mount.type === "cache" && mount.sharing === "locked" ? [cacheMountPath(cacheDir, mount.id).name] : [],
  );
  for (const name of [...new Set(names)].toSorted()) {
    const lock = await cacheLocks.lock(`cache ${name}`, { signal });
    undo.push(() => lock[Symbol.dispose]());
  }
}

/** A directory that lasts (Dockerfile reference, "RUN --mount=type=cache"). Empty, or a copy of `start`, at first. */
export async function cacheMount(
  parts: CacheParts,
  mount: CacheMount,
  inputs: readonly SnapshotRef[],
  undo: CleanupStack,
  signal: AbortSignal,
): Promise<OciMount> {
  const { name, path: shared } = cacheMountPath(parts.cacheDir, mount.id);
  const path = mount.sharing === "private" ? privateCache(parts, name, undo) : shared;
  using _making = await parts.cacheLocks.lock(`make ${path}`);
  if (!existsSync(path)) await makeCache(parts, mount, path, inputs, signal);
  const options = ["rbind", mount.readOnly ? "ro" : "rw"];
  return { destination: mount.target, type: "bind", source: path, options };
}

/** The first of the cache's directories that no other step uses now. */
function privateCache(parts: CacheParts, name: string, undo: CleanupStack): string {
  let path = `${parts.cacheDir}/${name}`;
  for (let number = 1; parts.busyCaches.has(path); number += 1) path = `${parts.cacheDir}/${name}-${number}`;
  parts.busyCaches.add(path);
  undo.push(() => parts.busyCaches.delete(path));
  return path;
}

/** It gets its name when it is whole: a build that is cut short leaves no half of it. */
async function makeCache(
  parts: CacheParts,
  mount: CacheMount,
  path: string,
  inputs: readonly SnapshotRef[],
  signal: AbortSignal,
): Promise<void> {
  const { start } = mount;
  const made = `${path}.new`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  chownSync(made, mount.uid, mount.gid);
  chmodSync(made, mount.mode);
  const input = start?.files.from === "input" ? start.files.input : undefined;
  const snapshot = input === undefined ? undefined : inputs[input]?.snapshot;
  const isFilled = (await parts.fillMount?.(mount.id, made, { signal })) === true;
  if (!isFilled && start !== undefined && snapshot !== undefined)
    await copyStart(parts, { snapshot, path: start.path, to: made, signal });
  renameSync(made, path);
}

async function copyStart(
  parts: CacheParts,
  { snapshot, path, to, signal }: { snapshot: string; path: string; to: string; signal: AbortSignal },
): Promise<void> {
  await using view = await openView(parts, snapshot);
  const [selected] = selectSources({ root: view.path }, [path]);
  if (selected === undefined || !selected.isDirectory)
    throw new SlipwayError("invalid_argument", `Cannot start a cache from "${path}": not a directory`);
  const skip = selected.path === "" ? 0 : selected.path.length + 1;
  const entries = selected.entries.map(({ path: full, kind, linkTo }) => ({
    path: full.slice(skip),
    kind,
    ...(linkTo !== undefined && { linkTo: linkTo.slice(skip) }),
  }));
  const from = `${view.path}/${selected.path}`;
  const sources = [{ kind: "directory", from, entries }] as const;
  await parts.files.run({ kind: "copy", root: to, destination: "/", sources, keepXattrs: true }, { signal });
  const { uid, gid, mode } = statSync(from);
  chownSync(to, uid, gid);
  chmodSync(to, mode & 0o7777);
}
