import { readFileSync } from "node:fs";
import { SlipwayError } from "../errors.ts";
import type { Mount } from "../oci/mount.ts";
import { AT_FDCWD } from "../platform/fd.ts";
import { escapeOption } from "../platform/overlay-options.ts";
import type { Sqlite } from "../platform/sqlite.ts";
import { WorkerPool } from "../platform/worker.ts";
import { getXattr } from "../platform/xattr.ts";
import { copyDirectory } from "./copy-directory.ts";
import { lostRecords } from "./lost-records.ts";
import { SnapshotDirectories } from "./snapshot-directories.ts";
import { snapshotInfo, SnapshotRecords, type SnapshotRecord } from "./snapshot-records.ts";
import type { SnapshotRequest } from "./snapshot-tasks.ts";
import type { SnapshotInfo, Snapshotter, Usage } from "./snapshotter.ts";

const FLUSH_AFTER_MS = 5000;

export interface OverlaySnapshotterOptions {
  /** The directory of this driver alone: `<root>/snapshots`. Made when missing. */
  readonly root: string;
  readonly db: Sqlite;
  /** In a user namespace: the overlay keeps its marks in `user.*` attributes. */
  readonly userXattrs?: boolean;
  /** The clock. Default: `Date.now`. */
  readonly now?: () => number;
  /** Names this run of the kernel. Default: what the kernel says. */
  readonly boot?: string;
}

/**
 * Snapshots as directories that the overlay file system stacks. Mounts are made so that an upper directory holds
 * plain changes and nothing else: no redirects, no metadata-only copies, no index. Nothing is mounted here: see
 * `mountAll`.
 */
export class OverlaySnapshotter implements Snapshotter {
  readonly #records: SnapshotRecords;
  readonly #directories: SnapshotDirectories;
  readonly #workers = new WorkerPool("src/snapshot/snapshot-worker.ts");
  readonly #marks: "trusted" | "user";
  readonly #now: () => number;
  readonly #boot: string;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #lastId: number;
  #removals: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(options: OverlaySnapshotterOptions) {
    this.#records = new SnapshotRecords(options.db);
    this.#directories = new SnapshotDirectories(options.root);
    this.#marks = options.userXattrs === true ? "user" : "trusted";
    this.#now = options.now ?? Date.now;
    this.#boot = options.boot ?? readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const ids = this.#directories.list().map(Number).filter(Number.isSafeInteger);
    this.#lastId = ids.reduce((last, id) => Math.max(last, id), this.#records.lastId());
  }

  /**
   * Opens the snapshots under `root` and sets right what a crash left: records whose directory is lost, or was not
   * flushed before the machine went down, are dropped, and directories without a record go in the background. What a
   * container wrote stays, also when it stands on what is lost: its mounts are then `data_loss`.
   */
  static open(options: OverlaySnapshotterOptions): OverlaySnapshotter {
    const snapshotter = new OverlaySnapshotter(options);
    snapshotter.#recover();
    return snapshotter;
  }

  stat(key: string): Promise<SnapshotInfo> {
    return attempt(() => snapshotInfo(this.#records.get(key)));
  }

  prepare(key: string, parent?: string): Promise<readonly Mount[]> {
    return attempt(() => this.#create(key, "active", parent));
  }

  view(key: string, parent: string): Promise<readonly Mount[]> {
    return attempt(() => this.#create(key, "view", parent));
  }

  async fork(key: string, from: string): Promise<void> {
    const source = this.#records.get(from);
    if (source.kind !== "active")
      throw new SlipwayError("invalid_argument", `Snapshot "${from}" is not active`);
    const id = this.#newId(key);
    try {
      this.#directories.make(id, source.parent ?? undefined);
      const [directory, to] = [this.#directories.fs(source.id), this.#directories.fs(id)];
      await copyDirectory(this.#workers, { directory, to, overlayMarks: true });
      this.#records.add(id, key, "active", source.parentKey ?? undefined, this.#now());
    } catch (error) {
      this.#removeLater(id);
      throw error;
    }
  }

  mounts(key: string): Promise<readonly Mount[]> {
    return attempt(() => this.#mountsOf(this.#records.get(key)));
  }

  commit(
    name: string,
    key: string,
    options: { parent?: string; continuesParent?: boolean } = {},
  ): Promise<void> {
    return attempt(() => {
      const { id } = this.#records.get(key);
      this.#records.commit(name, key, options, this.#boot);
      this.#directories.dropWork(id);
      this.#flushLater();
    });
  }

  layer(name: string): Promise<readonly Mount[]> {
    return attempt(() => {
      if (this.isGone(name)) throw filesGone(name);
      const { options, ...mount } = viewMount(this.directories(name), this.#marks);
      const isMarked = this.#marks === "trusted" || options.includes("userxattr");
      return [{ ...mount, options: isMarked ? options : [...options, "userxattr"] }];
    });
  }

  /** Of a committed snapshot measured once. */
  async usage(key: string): Promise<Usage> {
    const { id, kind, bytes, contentBytes, inodes } = this.#records.get(key);
    if (bytes !== null && contentBytes !== null && inodes !== null) return { bytes, contentBytes, inodes };
    const usage = await this.#run<Usage>("usage", id);
    if (kind === "committed") this.#records.setUsage(id, usage);
    return usage;
  }

  remove(key: string): Promise<void> {
    return attempt(() => this.#removeLater(this.#records.remove(key).id));
  }

  async *list(): AsyncGenerator<SnapshotInfo, void, void> {
    for (const record of this.#records.list()) yield snapshotInfo(record);
  }

  /**
   * Makes the files of every committed snapshot durable. It happens by itself some seconds after a commit; until then
   * a power cut costs the snapshot: the next open drops it, rather than trust files that may be empty.
   */
  async flush(): Promise<void> {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const ids = this.#records.unflushed();
    if (ids.length === 0) return;
    await this.#workers.run({ op: "flush", directory: this.#directories.root } satisfies SnapshotRequest);
    if (!this.#isClosed) this.#records.setFlushed(ids);
  }

  /** The directories with the files of the snapshot's layer, top first, whether they are there or not. Throws `not_found`. */
  directories(key: string): string[] {
    return this.#records.layer(this.#records.get(key)).map(({ id }) => this.#directories.fs(id));
  }

  /** Whether files of a snapshot's layer are gone from the disk. Throws `not_found`. */
  isGone(key: string): boolean {
    return this.#records.layer(this.#records.get(key)).some(({ id }) => !this.#directories.exists(id));
  }

  /**
   * Makes the files of a committed snapshot anew: `fill` writes them through the mounts it is given, and they take the
   * place of what is there. What stands on the snapshot stays. When `fill` throws nothing has changed.
   */
  async restore(key: string, fill: (mounts: readonly Mount[]) => Promise<void>): Promise<void> {
    const record = this.#records.getCommitted(key);
    const { id } = record;
    this.#lastId += 1;
    const fresh = this.#lastId;
    try {
      this.#directories.make(fresh, undefined);
      await fill([bindMount(this.#directories.fs(fresh), "rw", this.#marks)]);
      this.#directories.replace(id, fresh);
      this.#records.setWhole(record);
      this.#records.setUnflushed(id, this.#boot);
      this.#flushLater();
    } finally {
      this.#removeLater(fresh);
    }
  }

  /** Drops the records whose files are gone, and what stands on them, as the next open would. Their keys. */
  dropGone(): string[] {
    const lost = lostRecords(this.#records.list(), ({ id }) => !this.#directories.exists(id));
    this.#records.forget(lost);
    return lost.map(({ key }) => key);
  }

  /** Names below the root that no record has, once everything that is being removed is gone. */
  async strays(): Promise<string[]> {
    await this.settled();
    const names = this.#directories.list();
    const known = new Set(this.#records.list().map(({ id }) => String(id)));
    return names.filter((name) => !known.has(name) && this.#directories.has(name));
  }

  /** Removes what {@link strays} found, when it is the directory of a snapshot. */
  async removeStray(name: string): Promise<void> {
    if (!/^\d+$/.test(name) || this.#records.byId(Number(name)) !== undefined) return;
    this.#removeLater(Number(name));
    await this.settled();
  }

  /** Resolves when every directory removed so far is gone from disk. */
  async settled(): Promise<void> {
    await this.#removals;
  }

  /** Removals that have not begun are left to the next open. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#flushTimer);
    await this.#removals;
    await this.#workers[Symbol.asyncDispose]();
  }

  #create(key: string, kind: "active" | "view", parent: string | undefined): readonly Mount[] {
    const parentId = parent === undefined ? undefined : this.#records.getCommitted(parent).id;
    if (parent !== undefined && parentId !== undefined && !this.#directories.exists(parentId))
      throw filesGone(parent);
    const id = this.#newId(key);
    try {
      this.#directories.make(id, parentId);
      this.#records.add(id, key, kind, parent, this.#now());
    } catch (error) {
      this.#removeLater(id);
      throw error;
    }
    return this.#mountsOf(this.#records.get(key));
  }

  /** Throws `conflict` when the key exists. */
  #newId(key: string): number {
    if (this.#records.find(key) !== undefined) {
      throw new SlipwayError("conflict", `Snapshot "${key}" already exists`);
    }
    this.#lastId += 1;
    return this.#lastId;
  }

  #mountsOf(record: SnapshotRecord): readonly Mount[] {
    if (record.kind === "committed") {
      throw new SlipwayError("invalid_argument", `Snapshot "${record.key}" is committed: it has no mounts`);
    }
    const [, ...chain] = this.#records.chain(record);
    if (!chain.every((id) => this.#directories.exists(id))) {
      throw new SlipwayError("data_loss", `Snapshot "${record.key}" stands on one whose files are lost`);
    }
    if (!this.#directories.exists(record.id)) throw filesGone(record.key);
    const lower = this.#visible(chain).map((id) => this.#directories.fs(id));
    if (record.kind === "view") return [viewMount(lower, this.#marks)];
    if (lower.length === 0) return [bindMount(this.#directories.fs(record.id), "rw", this.#marks)];
    const options = [
      `lowerdir=${lower.map(escapeOption).join(":")}`,
      `upperdir=${escapeOption(this.#directories.fs(record.id))}`,
      `workdir=${escapeOption(this.#directories.work(record.id))}`,
      "index=off",
      ...(this.#marks === "user" ? ["userxattr"] : ["redirect_dir=off", "metacopy=off"]),
    ];
    return [{ type: "overlay", source: "overlay", options }];
  }

  /** Overlay does not heed an opaque mark on the root of a layer: what lies below such a layer is left out here. */
  #visible(chain: readonly number[]): readonly number[] {
    const last = chain.findIndex((id) => {
      const value = getXattr(AT_FDCWD, this.#directories.fs(id), `${this.#marks}.overlay.opaque`);
      return value?.[0] === 0x79;
    });
    return last < 0 ? chain : chain.slice(0, last + 1);
  }

  #run<T>(op: SnapshotRequest["op"], id: number): Promise<T> {
    const request: SnapshotRequest = { op, directory: this.#directories.directory(id) };
    return this.#workers.run<T>(request);
  }

  #flushLater(): void {
    if (this.#flushTimer !== undefined || this.#isClosed) return;
    // Should it fail, the snapshots stay marked and the next commit brings the next attempt.
    this.#flushTimer = setTimeout(() => void this.flush().catch(() => undefined), FLUSH_AFTER_MS);
    this.#flushTimer.unref();
  }

  /** One after the other, so that removing never takes the disk away from other work. */
  #removeLater(id: number): void {
    this.#removals = this.#removals.then(async () => {
      if (this.#isClosed) return;
      // What cannot be removed now (a mount in it that is still busy) is tried again by the next open.
      await this.#run("remove", id).catch(() => undefined);
    });
  }

  #recover(): void {
    const records = this.#records.list();
    const lost = lostRecords(records, (record) => this.#isLost(record));
    this.#records.forget(lost);
    const gone = new Set(lost.map(({ id }) => id));
    const known = new Set(records.filter(({ id }) => !gone.has(id)).map(({ id }) => String(id)));
    for (const name of this.#directories.list()) {
      if (/^\d+$/.test(name) && !known.has(name)) this.#removeLater(Number(name));
    }
  }

  #isLost({ id, unflushed }: SnapshotRecord): boolean {
    const isFlushed = unflushed === null || unflushed === this.#boot;
    return !isFlushed || !this.#directories.exists(id);
  }
}

/** An overlay wants two lower directories where it has no upper one. */
function viewMount(lower: readonly string[], marks: "trusted" | "user"): Mount {
  const [only] = lower;
  if (only !== undefined && lower.length === 1) return bindMount(only, "ro", marks);
  const options = ["ro", `lowerdir=${lower.map(escapeOption).join(":")}`];
  if (marks === "user") options.push("userxattr");
  return { type: "overlay", source: "overlay", options };
}

/** What unpacks a layer there, or reads one, is told how overlays are marked; the kernel passes over the word. */
function bindMount(source: string, access: "ro" | "rw", marks: "trusted" | "user"): Mount {
  return { type: "bind", source, options: ["rbind", access, ...(marks === "user" ? ["userxattr"] : [])] };
}

/** The contract is asynchronous, the work is not: a throw becomes a rejection. */
function attempt<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}

function filesGone(key: string): SlipwayError {
  const what = `The files of snapshot "${key}" are gone from the disk; "slipway system check" says whose they are`;
  return new SlipwayError("data_loss", what);
}
