import { statSync } from "node:fs";
import { open, readdir, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { KeyedMutex } from "../internal/keyed-mutex.ts";
import {
  logFiles,
  numbered,
  openLogFile,
  openLogFiles,
  type LogFile,
  type OpenLogFile,
} from "./log-files.ts";

export interface LogLimits {
  /** bytes a file may reach */
  readonly maxSize: number;
  /** files a log may have, 1 or more, the one being written among them */
  readonly maxFiles: number;
}

/** A log whose writer is told to go on in a new file. */
export interface KeptLog extends LogLimits {
  readonly path: string;
  /** Has the writer open a new file at `path`; false when there is no writer any more. */
  reopen(): Promise<boolean>;
}

/** A place in a log that a rotation does not change. */
export interface LogMark {
  readonly inode: number;
  /** bytes from the beginning of that file */
  readonly offset: number;
}

/** Somebody who follows a log: files from `inode` on are kept for them. */
export interface LogFollower {
  inode: number;
  /** The log goes on in another file. */
  onRotate(): void;
}

interface Watched {
  readonly log: KeptLog;
  timer: NodeJS.Timeout | undefined;
  size: number;
  lookedAt: number;
}

const shortestLook = 20;
const longestLook = 1000;
/** What followers have not read may stay beyond this, in bytes, while the disk has as much free. */
const muchHeldBack = 1024 ** 3;
const reopenTries = 500;

/**
 * Keeps logs within their limits, without losing a line: a file that is full is renamed, and its writer (conmon) then
 * told to open a new one; until it does, it goes on writing into the renamed one. So a crash at any moment leaves a
 * writer that writes, and {@link LogKeeper.keep} finishes what was begun. While no engine runs nothing is rotated.
 *
 * `open`, `next` and `follow` are how logs are read: no rotation happens between a list of files and their opening.
 */
export class LogKeeper {
  readonly #watched = new Map<string, Watched>();
  readonly #followers = new Map<string, Set<LogFollower>>();
  readonly #rotations = new Map<string, number>();
  readonly #locks = new KeyedMutex();

  /** Watches over a log until {@link LogKeeper.release}. What a crash left half done is finished first. */
  keep(log: KeptLog): void {
    this.release(log.path);
    const watched: Watched = { log, timer: undefined, size: 0, lookedAt: performance.now() };
    this.#watched.set(log.path, watched);
    void this.#locks
      .run(log.path, () => repair(log))
      .catch(() => undefined)
      .then(() => this.#look(watched));
  }

  /** Idempotent. */
  release(path: string): void {
    clearTimeout(this.#watched.get(path)?.timer);
    this.#watched.delete(path);
  }

  /** The engine ends: nobody rotates any more. */
  close(): void {
    for (const path of this.#watched.keys()) this.release(path);
  }

  /** All files of a log, opened, oldest first. The caller closes them. */
  open(path: string): Promise<OpenLogFile[]> {
    return this.#locks.run(path, () => openLogFiles(path));
  }

  /**
   * The file behind the one with `inode`, opened: what stands in that one is then whole. Without `inode` the oldest one.
   * Undefined: there is none yet.
   * `lost`: the file is no more among the log's, so nobody knows what came behind it.
   */
  async next(path: string, inode: number | undefined): Promise<OpenLogFile | "lost" | undefined> {
    return await this.#locks.run(path, async () => {
      const files = await logFiles(path);
      const at = files.findIndex((file) => file.inode === inode);
      if (at < 0 && inode !== undefined) return files.length === 0 ? undefined : "lost";
      const next = files[at + 1];
      return next === undefined ? undefined : await openLogFile(next);
    });
  }

  /** The end of the log as it is now: a file, and a byte of it. Undefined: nothing was written yet. */
  async end(path: string): Promise<LogMark | undefined> {
    const last = (await this.#locks.run(path, () => logFiles(path))).at(-1);
    return last === undefined ? undefined : { inode: last.inode, offset: last.size };
  }

  /** How often a log was rotated: who follows it looks for the next file when this changes. */
  rotations(path: string): number {
    return this.#rotations.get(path) ?? 0;
  }

  /** Files that the follower has not come to are kept until it is disposed (idempotent). */
  follow(path: string, follower: LogFollower): Disposable {
    const all = this.#followers.get(path) ?? new Set();
    this.#followers.set(path, all.add(follower));
    return {
      [Symbol.dispose]: () => {
        all.delete(follower);
        if (all.size > 0 || this.#followers.get(path) !== all) return;
        this.#followers.delete(path);
        this.#rotations.delete(path);
      },
    };
  }

  /** Closes the file being written, and removes those that are too many. Does nothing without one. */
  async rotate(log: KeptLog): Promise<void> {
    await this.#locks.run(log.path, async () => {
      await shift(log.path);
      await reopened(log);
      await this.#removeOld(log);
    });
    if (this.#followers.has(log.path)) this.#rotations.set(log.path, this.rotations(log.path) + 1);
    for (const follower of this.#followers.get(log.path) ?? []) follower.onRotate();
  }

  #look(watched: Watched): void {
    const { log } = watched;
    if (this.#watched.get(log.path) !== watched) return;
    const size = statSync(log.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size < log.maxSize) return this.#lookAgain(watched, size);
    this.rotate(log)
      .catch(() => undefined)
      .then(() => this.#lookAgain(watched, 0));
  }

  /** The faster it fills the sooner, so that it is seen before it is twice as full as it may be. */
  #lookAgain(watched: Watched, size: number): void {
    if (this.#watched.get(watched.log.path) !== watched) return;
    const now = performance.now();
    const grown = Math.max(0, size - watched.size);
    const filled = grown === 0 ? Infinity : ((watched.log.maxSize - size) * (now - watched.lookedAt)) / grown;
    watched.size = size;
    watched.lookedAt = now;
    const wait = Math.min(Math.max(filled / 2, shortestLook), longestLook);
    watched.timer = setTimeout(() => this.#look(watched), wait);
    watched.timer.unref();
  }

  async #removeOld(log: KeptLog): Promise<void> {
    const files = (await logFiles(log.path)).filter(({ number }) => number > 0).toReversed();
    const needed = this.#oldestNeeded(log.path, files);
    const roomy = await hasRoom(log.path);
    let held = 0;
    // What is left is the end of the log without a gap: behind a file that is cut none stays.
    let isCut = false;
    for (const file of files) {
      held += file.size;
      const isNeeded = file.number <= needed && (roomy || held <= muchHeldBack);
      if (!isNeeded && (isCut || file.number >= log.maxFiles)) await rm(file.path, { force: true });
      else if (!isNeeded && file.size > log.maxSize * 2) {
        await trim(file.path, log);
        isCut = true;
      }
    }
  }

  /** The highest number of a file that a follower reads, 0 when none does. */
  #oldestNeeded(path: string, files: readonly LogFile[]): number {
    const inodes = new Set([...(this.#followers.get(path) ?? [])].map(({ inode }) => inode));
    return Math.max(0, ...files.filter(({ inode }) => inodes.has(inode)).map(({ number }) => number));
  }
}

/** Whether the disk has so much free that nothing unread has to go. */
async function hasRoom(path: string): Promise<boolean> {
  const { bavail, blocks, bsize } = await statfs(dirname(path));
  return bavail * bsize > Math.max(muchHeldBack, (blocks * bsize) / 10);
}

/** `log` becomes `log.1`, `log.1` becomes `log.2`: the oldest moves first, so that none is ever written over. */
async function shift(path: string): Promise<void> {
  for (const { path: from, number } of await logFiles(path)) await rename(from, numbered(path, number + 1));
}

async function reopened(log: KeptLog): Promise<void> {
  if (!(await log.reopen())) return;
  for (let tries = 0; tries < reopenTries; tries += 1) {
    if (statSync(log.path, { throwIfNoEntry: false }) !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(1 + tries, 20)));
  }
}

/** A rotation that was cut short left no file to write to. */
async function repair(log: KeptLog): Promise<void> {
  const directory = dirname(log.path);
  const drafts = (await readdir(directory)).filter((name) => name.startsWith(`${basename(log.path)}.trim-`));
  for (const name of drafts) await rm(join(directory, name), { force: true });
  if (statSync(log.path, { throwIfNoEntry: false }) === undefined) await reopened(log);
}

const blockSize = 1024 * 1024;
const NEWLINE = 10;

/** Leaves the last lines, as many bytes as the closed files may have together: the log was full long before anybody looked. */
async function trim(path: string, { maxSize, maxFiles }: LogLimits): Promise<void> {
  const draft = `${path.replace(/\.\d+$/, "")}.trim-${basename(path)}`;
  await using from = await open(path, "r");
  const { size } = await from.stat();
  let at = Math.max(0, size - maxSize * Math.max(1, maxFiles - 1));
  {
    await using to = await open(draft, "w", 0o600);
    const block = Buffer.alloc(blockSize);
    for (let isFirst = at > 0; at < size; isFirst = false) {
      const { bytesRead } = await from.read(block, 0, blockSize, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const begin = isFirst ? block.subarray(0, bytesRead).indexOf(NEWLINE) + 1 : 0;
      await to.write(block, begin, bytesRead - begin);
    }
  }
  await rename(draft, path);
}
