import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  link,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import { fileBody } from "../../platform/file-body.ts";
import { Flusher } from "./flusher.ts";
import type { StorageDriver } from "./storage-driver.ts";

const temporary = "tmp";
/** Others do not wait for the flush of a file from this size on. */
const largeFile = 1 << 20;

/**
 * A registry's objects as files below one directory. Every write is temp file → fsync → rename → fsync of the
 * directory; temp files live in `tmp/`, so that no listing ever shows one. A directory goes with its last file: what
 * was deleted from is in no listing. Writers that find it gone make it anew.
 */
export class FilesystemDriver implements StorageDriver {
  readonly #root: string;
  readonly #flusher: Flusher;

  /** `root` is made when it is missing. */
  constructor(root: string) {
    this.#root = resolve(root);
    this.#flusher = new Flusher(root);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return await absent(readFile(this.#path(key)));
  }

  async put(key: string, data: Uint8Array | string): Promise<void> {
    // There is nothing of an empty file that could be written in part.
    if (data.length === 0) return await this.#putEmpty(this.#path(key));
    const temp = join(this.#root, temporary, randomUUID());
    try {
      await inDirectory(temp, async () => await writeFile(temp, data, { flag: "wx" }));
      await this.#flusher.flush([temp]);
      await this.#rename(temp, this.#path(key));
    } catch (error) {
      await rm(temp, { force: true });
      throw error;
    }
  }

  async putNew(key: string, data: Uint8Array | string): Promise<boolean> {
    const [temp, path] = [join(this.#root, temporary, randomUUID()), this.#path(key)];
    try {
      await inDirectory(temp, async () => await writeFile(temp, data, { flag: "wx" }));
      await this.#flusher.flush([temp]);
      await this.#within(path, async () => await link(temp, path));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    } finally {
      await rm(temp, { force: true });
    }
  }

  async delete(key: string): Promise<boolean> {
    const path = this.#path(key);
    const gone = (await absent(rm(path).then(() => true))) ?? false;
    if (gone) await this.#flusher.flush([await this.#prune(dirname(path))]);
    return gone;
  }

  async size(key: string): Promise<number | undefined> {
    return (await absent(stat(this.#path(key))))?.size;
  }

  async modified(key: string): Promise<Date | undefined> {
    return (await absent(stat(this.#path(key))))?.mtime;
  }

  async touch(key: string): Promise<boolean> {
    const now = new Date();
    return (await absent(utimes(this.#path(key), now, now).then(() => true))) ?? false;
  }

  async sweep(before: Date): Promise<void> {
    for (const name of await this.children(temporary)) {
      const written = await this.modified(`${temporary}/${name}`);
      if (written !== undefined && written < before) await this.delete(`${temporary}/${name}`);
    }
  }

  async children(prefix: string): Promise<string[]> {
    return ((await absent(readdir(this.#path(prefix)))) ?? []).sort();
  }

  async body(key: string, start: number, end: number): Promise<Blob | ReadableStream> {
    return fileBody(this.#path(key), start, end);
  }

  read(key: string): ByteStream {
    return createReadStream(this.#path(key), { highWaterMark: 1 << 20 });
  }

  async create(key: string): Promise<void> {
    const path = this.#path(key);
    await inDirectory(path, async () => await (await open(path, "wx")).close());
  }

  async append(key: string, offset: number, content: ByteStream): Promise<number> {
    await using file = await open(this.#path(key), "r+");
    let at = offset;
    for await (const chunk of content) {
      for (let done = 0; done < chunk.length;) {
        done += (await file.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
      }
      at += chunk.length;
    }
    return at;
  }

  async move(from: string, to: string): Promise<void> {
    const path = this.#path(from);
    const now = new Date();
    await utimes(path, now, now);
    if ((await stat(path)).size < largeFile) await this.#flusher.flush([path]);
    else await syncFile(path);
    await this.#rename(path, this.#path(to));
  }

  async #putEmpty(path: string): Promise<void> {
    await this.#within(path, async () => {
      await writeFile(path, "");
      const now = new Date();
      await utimes(path, now, now);
    });
  }

  async #rename(from: string, to: string): Promise<void> {
    await this.#within(to, async () => await rename(from, to));
  }

  /** Does `work`, which gives `path` its name, in a directory that is there, and flushes all directories it changed. */
  async #within(path: string, work: () => Promise<void>): Promise<void> {
    const created = await inDirectory(path, work);
    await this.#flusher.flush(changedDirectories(dirname(path), created));
  }

  /** Takes `directory` and those above it while they are empty; returns the first that stays. */
  async #prune(directory: string): Promise<string> {
    for (let at = directory; ; at = dirname(at)) {
      // What lies right below the root stays.
      if (at === this.#root || dirname(at) === this.#root) return at;
      try {
        await absent(rmdir(at));
      } catch {
        return at;
      }
    }
  }

  /** The second line of defence after `keys.ts`: no key leads out of the root. */
  #path(key: string): string {
    const path = join(this.#root, key);
    const inside = relative(this.#root, path);
    if (inside === ".." || inside.startsWith(`..${sep}`) || key.includes("\0"))
      throw new SlipwayError("invalid_argument", `Invalid storage key ${JSON.stringify(key)}`);
    return path;
  }
}

/** `leaf`, and when directories were made on the way, each of those and the parent of the first. */
function changedDirectories(leaf: string, firstCreated: string | undefined): string[] {
  const changed = [leaf];
  if (firstCreated === undefined) return changed;
  for (let at = leaf; at.length >= firstCreated.length; at = dirname(at)) changed.push(dirname(at));
  return changed;
}

/** Flushes one file. */
async function syncFile(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}

/** So often a directory may vanish between its making and its use; each time somebody else deleted something in it. */
const vanishings = 20;

/** Makes the directory of `path` when `work` misses it. Returns the first directory it had to make. */
async function inDirectory(path: string, work: () => Promise<void>): Promise<string | undefined> {
  let first: string | undefined;
  for (let tries = 0; ; tries++) {
    try {
      await work();
      return first;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || tries === vanishings) throw error;
    }
    const made = await mkdir(dirname(path), { recursive: true });
    if (first === undefined || (made !== undefined && made.length < first.length)) first = made;
  }
}

/** Undefined instead of the error of a file that is not there. */
async function absent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
