import { randomBytes } from "node:crypto";
import { mkdir, readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { CleanupStack } from "../../internal/cleanup-stack.ts";
import { isCode, SlipwayError } from "../../errors.ts";
import { detachMount, MS_BIND, MS_REC, sysMount } from "../../platform/mount.ts";
import { mountAll } from "../../platform/mount-all.ts";
import type { Mount } from "../../oci/mount.ts";
import type { Lease } from "../../state/leases.ts";
import type { ContainerHost } from "./host.ts";
import type { ContainerRecord } from "./record.ts";

const prefix = "container-image-";

/** What a creation holds until its record names it. */
export interface Creation {
  /** the container's ID */
  readonly id: string;
  readonly lease: Lease;
  readonly undo: CleanupStack;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A read-only look at an image for `--mount type=image`, kept as long as the container, also when the image's name
 * goes: the key of its snapshot. Removed again through `undo`. Throws `not_found`, and `invalid_argument` for an
 * image without layers.
 */
export async function viewImage(host: ContainerHost, image: string, of: Creation): Promise<string> {
  const { id } = host.images.get(image);
  const parent = await host.imageSnapshot(id, of.lease, of.signal);
  if (parent === undefined) {
    throw new SlipwayError("invalid_argument", `Cannot mount image "${image}": it has no layers`);
  }
  for (let number = 0; ; number += 1) {
    const key = `${prefix}${of.id}-${number}`;
    of.lease.add(`snapshot/${key}`);
    try {
      await host.snapshotter.view(key, parent);
    } catch (error) {
      if (isCode(error, "conflict")) continue;
      throw error;
    }
    of.undo.push(() => host.snapshotter.remove(key));
    return key;
  }
}

/** The directory where the view is mounted, below the container's bundle. */
export async function openImageView(
  host: Pick<ContainerHost, "snapshotter">,
  bundle: string,
  key: string,
): Promise<string> {
  return await mountBelow(bundle, key.slice(prefix.length), await host.snapshotter.mounts(key));
}

/** Mounts something of the container's own below its bundle; where. */
export async function mountBelow(bundle: string, name: string, mounts: readonly Mount[]): Promise<string> {
  const path = placeBelow(bundle, name);
  await mkdir(path, { recursive: true });
  mountAll(mounts, path);
  return path;
}

/** Where {@link mountBelow} mounts. */
export function placeBelow(bundle: string, name: string): string {
  return join(imageDirectory(bundle), name);
}

/** Binds a directory below the container's bundle, with what is mounted in it unless `recursion` is 0; where. */
export async function bindBelow(bundle: string, directory: string, recursion = MS_REC): Promise<string> {
  const path = join(imageDirectory(bundle), `sub-${randomBytes(6).toString("hex")}`);
  await mkdir(path, { recursive: true });
  sysMount(directory, path, "", MS_BIND | recursion, "");
  return path;
}

/** Detaches what {@link mountBelow} and {@link bindBelow} mounted for a container; nothing mounted is ever reached into. Idempotent. */
export async function closeImageViews(bundle: string): Promise<void> {
  const directory = imageDirectory(bundle);
  for (const name of await readdir(directory).catch(() => [])) {
    while (detachMount(join(directory, name)));
    await rmdir(join(directory, name));
  }
}

/** The snapshots of a container's image mounts that no other container shares (`--volumes-from`, a fork). */
export function ownImageViews(host: Pick<ContainerHost, "store">, record: ContainerRecord): string[] {
  const others = host.store.all().filter(({ id }) => id !== record.id);
  const shared = new Set(others.flatMap(imageViewsOf));
  return imageViewsOf(record).filter((key) => !shared.has(key));
}

/** The snapshots a container's image mounts stand on. Pure. */
export function imageViewsOf(record: ContainerRecord): string[] {
  return record.mounts.filter(({ request }) => request.type === "image").map(({ request }) => request.source);
}

/** Whether a snapshot is of an image mount. Pure. */
export function isImageView(key: string): boolean {
  return key.startsWith(prefix);
}

function imageDirectory(bundle: string): string {
  return join(bundle, "images");
}
