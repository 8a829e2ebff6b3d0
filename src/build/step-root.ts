import { mkdirSync } from "node:fs";
import { isCode } from "../errors.ts";
import type { Mount } from "../oci/mount.ts";
import { mountAll, withOption } from "../platform/mount-all.ts";
import { unescapeOption } from "../platform/overlay-options.ts";
import type { WorkerPool } from "../platform/worker.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Lease } from "../state/leases.ts";
import type { ClampRequest, UnmountRequest } from "./files/copy-request.ts";

/** Where steps get their root filesystems from. */
export interface RootSource {
  readonly snapshotter: Snapshotter;
  /** Holds what the build makes until it is done. */
  readonly lease: Lease;
  /** Directory for mount points. */
  readonly runDir: string;
  /** Threads for file work. */
  readonly files: WorkerPool;
  /** Seconds: nothing that a step makes is later. */
  readonly epoch?: number | undefined;
}

/** A root filesystem that a step writes to. Dispose without commit throws it away; idempotent, safe after commit. */
export interface StepRoot extends AsyncDisposable {
  readonly path: string;
  /**
   * Takes the mount away and keeps what was written: the name of the committed snapshot. `continuesParent`: it changes
   * the parent's layer, and is none of its own.
   */
  commit(options?: { readonly continuesParent?: boolean }): Promise<string>;
}

/** A writable filesystem on top of the committed `parent` (undefined: empty), mounted. */
export async function openStepRoot(
  source: RootSource,
  parent: string | undefined,
  adapt: (mounts: readonly Mount[]) => readonly Mount[] = (mounts) => mounts,
): Promise<StepRoot> {
  const { snapshotter, lease, runDir } = source;
  const id = crypto.randomUUID();
  const key = `step-${id}`;
  lease.add(`snapshot/${key}`);
  const mounts = await snapshotter.prepare(key, parent);
  const path = `${runDir}/${key}`;
  const end = async (): Promise<void> => {
    await unmount(source, path);
    await snapshotter.remove(key);
  };
  let isOpen = true;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    // A crash throws the step away, so nothing needs to be flushed while it is written or when it is unmounted.
    mountAll(adapt(withOption(mounts, "volatile")), path);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    path,
    async commit(options) {
      const name = `build-${id}`;
      lease.add(`snapshot/${name}`);
      await unmount(source, path);
      if (source.epoch !== undefined) await clamp(source, mounts, source.epoch);
      await snapshotter.commit(name, key, options);
      isOpen = false;
      return name;
    },
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      isOpen = false;
      await end();
    },
  };
}

async function clamp({ files }: RootSource, mounts: readonly Mount[], epoch: number): Promise<void> {
  for (const mount of mounts) {
    const path = mount.type === "overlay" ? upperDirectory(mount) : mount.source;
    if (path !== undefined) await files.run({ kind: "clamp", path, epoch } satisfies ClampRequest);
  }
}

function upperDirectory({ options }: Mount): string | undefined {
  const option = options.find((each) => each.startsWith("upperdir="));
  return option === undefined ? undefined : unescapeOption(option.slice("upperdir=".length));
}

/** A committed snapshot, mounted to be read. */
export async function openView(
  source: RootSource,
  snapshot: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const { snapshotter, lease, runDir } = source;
  const key = `view-${crypto.randomUUID()}`;
  lease.add(`snapshot/${key}`);
  const mounts = await snapshotter.view(key, snapshot);
  const path = `${runDir}/${key}`;
  let isOpen = true;
  const end = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await unmount(source, path);
    await snapshotter.remove(key);
  };
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    mountAll(mounts, path);
  } catch (error) {
    await end();
    throw error;
  }
  return { path, [Symbol.asyncDispose]: end };
}

/** Unmounting drops the caches of what was written, which may take a while: not on the engine's own thread. */
async function unmount({ files }: RootSource, path: string): Promise<void> {
  await files.run({ kind: "unmount", path } satisfies UnmountRequest);
}

/** Whether the committed snapshot is still there. */
export async function hasSnapshot(snapshotter: Snapshotter, name: string): Promise<boolean> {
  try {
    return (await snapshotter.stat(name)).kind === "committed";
  } catch (error) {
    if (isCode(error, "not_found")) return false;
    throw error;
  }
}
