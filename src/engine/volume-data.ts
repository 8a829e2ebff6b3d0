import { readdir, realpath } from "node:fs/promises";
import { SlipwayError } from "../errors.ts";
import { CleanupStack } from "../internal/cleanup-stack.ts";
import type { TreeArchiver } from "../layer/tree-archiver.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { TreeCopier } from "../snapshot/tree-copier.ts";
import type { Volume, VolumeConfig } from "../volume/volume.ts";
import type { VolumeStore } from "../volume/volume-store.ts";

export interface VolumeDataParts {
  readonly store: VolumeStore;
  readonly archiver: Pick<TreeArchiver, "archive" | "extract">;
  readonly copier: Pick<TreeCopier, "copy" | "flush">;
  /** IDs of the containers, running or not, that have the volume. */
  readonly users: (volumeName: string) => readonly string[];
}

/**
 * What volumes hold, taken out, put in and copied, with every attribute. Containers that run meanwhile go on: files that
 * they change are as they are when it is their turn. A volume that is made here appears whole or, also after a crash,
 * not at all.
 */
export class VolumeData {
  readonly #parts: VolumeDataParts;

  constructor(parts: VolumeDataParts) {
    this.#parts = parts;
  }

  /** A tar of the volume's files, without the volume itself. Throws `not_found`. */
  async *export(name: string, o: CallOptions = {}): ByteStream {
    const { archiver } = this.#parts;
    const root = await this.#open(name);
    try {
      yield* archiver.archive({ root, path: "/", name: "" }, o);
    } finally {
      await this.#close(name);
    }
  }

  /**
   * Unpacks a tar (plain, gzip or zstd) into a volume, which is made when it is not there. Throws `conflict` when it
   * holds something, and `invalid_argument` for what is no archive: of a volume that was there, what came before stays.
   */
  async import(name: string, archive: ByteStream, o: CallOptions = {}): Promise<Volume> {
    const { archiver, store } = this.#parts;
    if (store.find(name) !== undefined && (await readdir(await this.#open(name))).length > 0) {
      await this.#close(name);
      throw new SlipwayError("conflict", `Cannot import into volume ${name}: it is not empty`);
    }
    return await this.#fill({ name }, (root) =>
      archiver.extract({ root, path: "/", keepsKinds: false }, archive, o),
    );
  }

  /** A new volume with what another one holds, and its labels. Throws `not_found`, `conflict` when the name is taken. */
  async clone(name: string, copyName: string): Promise<Volume> {
    const { copier, store } = this.#parts;
    const { labels } = store.get(name);
    if (store.find(copyName) !== undefined) {
      throw new SlipwayError("conflict", `a volume named ${copyName} already exists`);
    }
    const from = await this.#open(name);
    try {
      return await this.#fill({ name: copyName, labels }, (root) => copier.copy(from, root));
    } finally {
      await this.#close(name);
    }
  }

  /** The record says `pending` until everything is there. */
  async #fill(
    config: VolumeConfig & { name: string },
    work: (root: string) => Promise<void>,
  ): Promise<Volume> {
    const { store } = this.#parts;
    await using undo = new CleanupStack();
    if (store.find(config.name) === undefined) {
      await store.create({ ...config, pending: true });
      undo.push(() => store.remove(config.name));
    }
    const root = await this.#open(config.name);
    await work(root);
    // The record is flushed when it is written: what it promises must be on the disk before.
    await this.#parts.copier.flush(root);
    await this.#close(config.name);
    const volume = await store.create(config);
    undo.release();
    return volume;
  }

  /** As a path without links: nothing outside of it is reached into. */
  async #open(name: string): Promise<string> {
    return await realpath(await this.#parts.store.open(name));
  }

  /** One with options is mounted only while somebody uses it. */
  async #close(name: string): Promise<void> {
    if (this.#parts.users(name).length === 0) await this.#parts.store.close(name);
  }
}
