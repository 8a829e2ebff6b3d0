import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import { KeyedMutex } from "../internal/keyed-mutex.ts";
import { detachMount } from "../platform/mount.ts";
import type { Collection } from "../state/collection.ts";
import { checkVolumeConfig, checkVolumeName } from "./check-volume.ts";
import { mountVolume } from "./mount-volume.ts";
import { removeDirectory } from "./remove-directory.ts";
import { treeSize } from "./tree-size.ts";
import { anonymousLabel, type Volume, type VolumeConfig } from "./volume.ts";

/** Name of what waits for its removal; no volume can be called so. */
const removing = ".removing-";

/**
 * The local volumes: `<directory>/<name>/_data` and a record each. The record says
 * `pending` while the directory is made or removed, so that a crash in between leaves nothing. Who uses a volume, the caller knows.
 */
export class VolumeStore {
  readonly #records: Collection<Volume>;
  readonly #directory: string;
  readonly #locks = new KeyedMutex();

  /** `directory`: `<root>/volumes`. */
  constructor(records: Collection<Volume>, directory: string) {
    this.#records = records;
    this.#directory = directory;
  }

  /**
   * Makes a volume, or returns the one of that name. Throws `invalid_argument` for a bad name or option and
   * `not_found` for another driver than `local`.
   */
  async create(config: VolumeConfig = {}): Promise<Volume> {
    const name = config.name || randomBytes(32).toString("hex");
    checkVolumeName(name);
    checkVolumeConfig(name, config);
    using _lock = await this.#locks.lock(name);
    const known = this.#records.get(name);
    if (known !== undefined) return config.pending === true ? known : this.#settled(known);
    const labels = { ...config.labels, ...(config.name ? {} : { [anonymousLabel]: "" }) };
    const createdAt = new Date().toISOString();
    const options = { ...config.options };
    const volume: Volume = { name, driver: "local", labels, options, createdAt, pending: true };
    this.#records.put(name, volume);
    await mkdir(this.#directory, { recursive: true, mode: 0o711 });
    await mkdir(this.path(name), { recursive: true, mode: 0o755 });
    return config.pending === true ? volume : this.#settled(volume);
  }

  /** A container's record names the volume now. Idempotent. */
  settle(name: string): void {
    const volume = this.find(name);
    if (volume?.pending !== true) return;
    const { pending: _pending, ...settled } = volume;
    // Lost in a power cut, it is found again by the container's record.
    this.#records.putLazily(name, settled);
  }

  #settled(volume: Volume): Volume {
    if (volume.pending !== true) return volume;
    const { pending: _pending, ...settled } = volume;
    this.#records.put(volume.name, settled);
    return settled;
  }

  /** Throws `not_found`. */
  get(name: string): Volume {
    const volume = this.find(name);
    if (volume === undefined) throw new SlipwayError("not_found", `get ${name}: no such volume`);
    return volume;
  }

  find(name: string): Volume | undefined {
    return this.#records.get(name);
  }

  list(): Volume[] {
    return this.#records.list();
  }

  isAnonymous(name: string): boolean {
    return this.find(name)?.labels[anonymousLabel] !== undefined;
  }

  /** Where the data lie, whether the volume exists or not. */
  path(name: string): string {
    return join(this.#directory, name, "_data");
  }

  /** The path to bind-mount into a container. A volume with options is mounted there first. Idempotent. */
  async open(name: string): Promise<string> {
    const volume = this.get(name);
    const path = this.path(name);
    if (Object.keys(volume.options).length === 0) return path;
    using _lock = await this.#locks.lock(name);
    await mountVolume(volume, path);
    return path;
  }

  /** The last container is gone: what {@link VolumeStore.open} mounted is detached. Idempotent. */
  async close(name: string): Promise<void> {
    if (Object.keys(this.find(name)?.options ?? {}).length === 0) return;
    using _lock = await this.#locks.lock(name);
    while (detachMount(this.path(name)));
  }

  /**
   * Removes the volume with its data. `users`: IDs of the containers that have it; any makes this throw `conflict`.
   * Throws `not_found`.
   */
  async remove(name: string, users: readonly string[] = []): Promise<void> {
    using _lock = await this.#locks.lock(name);
    const volume = this.get(name);
    if (users.length > 0) {
      throw new SlipwayError("conflict", `remove ${name}: volume is in use - [${users.join(", ")}]`);
    }
    while (Object.keys(volume.options).length > 0 && detachMount(this.path(name)));
    // An engine that is killed from here on leaves it to the next one.
    this.#records.put(name, { ...volume, pending: true });
    const doomed = join(
      this.#directory,
      `${removing}${name.slice(0, 200)}-${randomBytes(6).toString("hex")}`,
    );
    try {
      await rename(join(this.#directory, name), doomed);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
        this.#records.putLazily(name, volume);
        throw error;
      }
    }
    this.#records.deleteLazily(name);
    removeDirectory(doomed);
  }

  /** Bytes of the volume's files, hard links counted once; not what is mounted on it. */
  async size(name: string): Promise<number> {
    return await treeSize(this.path(this.get(name).name));
  }

  /**
   * At start: removes volumes that were made for a container which never came to be, and ends removals that a crash
   * interrupted. `inUse`: the volumes that containers have.
   */
  async sweep(inUse: ReadonlySet<string>): Promise<void> {
    for (const { name, pending } of this.list()) {
      if (pending !== true) continue;
      if (inUse.has(name)) this.settle(name);
      else await this.remove(name);
    }
    const names = await readdir(this.#directory).catch(() => []);
    for (const name of names) if (name.startsWith(removing)) removeDirectory(join(this.#directory, name));
  }
}
