import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isCode, SlipwayError } from "../../errors.ts";
import { KeyedMutex } from "../../internal/keyed-mutex.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Digest } from "../../oci/digest.ts";
import { mountAll } from "../../platform/mount-all.ts";
import { detachMount } from "../../platform/mount.ts";
import type { Snapshotter } from "../../snapshot/snapshotter.ts";
import { mountTable } from "../disk/check/mount-table.ts";
import type { StoreParts } from "../store-parts.ts";
import type { MountedImage } from "../types/image-layers.ts";
import { holdView, viewPrefix } from "./kept-views.ts";

/**
 * Images that are looked at through a mount, read-only, at `<run>/images/<ID>`. The mount outlives the engine; the view
 * it stands on is kept while it is there.
 */
export class MountedImages {
  readonly #parts: StoreParts;
  readonly #locks = new KeyedMutex();

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** Idempotent. Throws `not_found`, and `invalid_argument` for an image without layers. */
  async mount(name: string, { signal }: CallOptions = {}): Promise<MountedImage> {
    const { images, host, stores } = this.#parts;
    const { id } = images.images.get(name);
    using _lock = await this.#locks.lock(id);
    const path = this.#path(id);
    if (await this.#isMounted(path)) return { Id: id, Name: name, Path: path };
    using lease = stores.leases.create("mount");
    const snapshot = await host.imageSnapshot(id, lease, signal);
    if (snapshot === undefined) {
      throw new SlipwayError("invalid_argument", `Cannot mount image "${name}": it has no layers`);
    }
    const key = viewPrefix + id;
    holdView(stores.leases, key);
    const mounts = await view(stores.snapshotter, key, snapshot);
    mountAll(mounts, path);
    return { Id: id, Name: name, Path: path };
  }

  /** Throws `not_found` when the image is not mounted. */
  async unmount(name: string): Promise<void> {
    const id = await this.#mountedId(name);
    using _lock = await this.#locks.lock(id);
    const path = this.#path(id);
    const wasMounted = detachMount(path);
    await rm(path, { recursive: true, force: true });
    const { snapshotter } = this.#parts.stores;
    await snapshotter.remove(viewPrefix + id).catch((error: unknown) => {
      if (!isCode(error, "not_found")) throw error;
    });
    if (!wasMounted) throw notMounted(name);
  }

  async list(): Promise<MountedImage[]> {
    const { images, host } = this.#parts;
    const found: MountedImage[] = [];
    for await (const { key } of host.snapshotter.list()) {
      const id = key.startsWith(viewPrefix) ? (key.slice(viewPrefix.length) as Digest) : undefined;
      if (id === undefined || !(await this.#isMounted(this.#path(id)))) continue;
      const [tag] = images.images.records.tagsOf(id);
      found.push({ Id: id, Name: tag?.reference ?? id, Path: this.#path(id) });
    }
    return found;
  }

  /** An image that was removed meanwhile is known by its ID alone. */
  async #mountedId(name: string): Promise<Digest> {
    const { images } = this.#parts.images;
    const mounted = await this.list();
    try {
      const { id } = images.get(name);
      if (mounted.some(({ Id }) => Id === id) || existsSync(this.#path(id))) return id;
    } catch (error) {
      if (!isCode(error, "not_found")) throw error;
    }
    const hex = name.replace(/^sha256:/, "");
    const found = mounted.find(({ Id, Path }) => Id.startsWith(`sha256:${hex}`) || Path === name);
    if (found === undefined) throw notMounted(name);
    return found.Id as Digest;
  }

  async #isMounted(path: string): Promise<boolean> {
    return (await mountTable()).some(({ target }) => target === path);
  }

  #path(id: Digest): string {
    return join(this.#parts.config.runDirectory, "images", id.slice(7, 19));
  }
}

async function view(snapshotter: Snapshotter, key: string, snapshot: string) {
  try {
    return await snapshotter.view(key, snapshot);
  } catch (error) {
    if (!isCode(error, "conflict")) throw error;
    return await snapshotter.mounts(key);
  }
}

function notMounted(name: string): SlipwayError {
  return new SlipwayError("not_found", `Image "${name}" is not mounted`);
}
