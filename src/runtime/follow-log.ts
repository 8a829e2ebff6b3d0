import { type FSWatcher, watch } from "node:fs";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { Bell } from "./bell.ts";
import type { OpenLogFile } from "./log-files.ts";
import type { LogKeeper } from "./log-keeper.ts";

const chunkSize = 256 * 1024;

export interface LogChunk {
  readonly bytes: Uint8Array;
  /** Where the first byte lies, counted from the beginning of the oldest file. */
  readonly at: number;
  /** It begins a file: nothing of the chunk before goes on in it. */
  readonly fresh: boolean;
}

export interface FollowOptions extends CallOptions {
  /** First byte to yield, counted from the beginning of the oldest file. */
  readonly from: number;
  /** Resolves when nothing more will be written. Without it the bytes of this moment are all. */
  readonly ended?: Promise<unknown> | undefined;
}

/**
 * The bytes of a growing log over all its files, which are closed at the end. Woken by inotify and by rotations; ended
 * when `ended` resolved and all was read, or when the signal is aborted (no error then). Each chunk is the receiver's
 * to keep. Nothing is read ahead. Throws `data_loss` when files were removed before they were read.
 */
export async function* followLog(
  keeper: LogKeeper,
  path: string,
  files: readonly OpenLogFile[],
  options: FollowOptions,
): AsyncGenerator<LogChunk, void> {
  using bell = new Bell();
  await using reading = new Reading(keeper, path, files, options.from, bell);
  const { signal } = options;
  let ended = options.ended === undefined;
  const onEnd = () => {
    ended = true;
    bell.ring();
  };
  options.ended?.then(onEnd, onEnd);
  const onAbort = () => bell.ring();
  signal?.addEventListener("abort", onAbort, { once: true });
  const limit = ended ? files.reduce((sum, { size }) => sum + size, 0) : Infinity;
  using _following = ended ? undefined : reading.follow();
  try {
    for (;;) {
      if (signal?.aborted === true || reading.at >= limit) return;
      const last = ended;
      const chunk = await reading.read();
      if (chunk !== undefined) yield chunk;
      else if (reading.enterNext()) continue;
      else if (options.ended !== undefined && (await reading.findNext(last))) continue;
      else if (last) return;
      else await bell.rung();
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** A place in a log. */
class Reading implements AsyncDisposable {
  readonly #keeper: LogKeeper;
  readonly #path: string;
  readonly #bell: Bell;
  readonly #next: OpenLogFile[];
  #file: OpenLogFile | undefined;
  #base = 0;
  #position: number;
  #fresh = true;
  #watcher: FSWatcher | undefined;
  #follower: { inode: number; onRotate: () => void } | undefined;
  /** The state of the log's rotations when the next file was last looked for. */
  #rotations = 0;
  #moved = false;

  constructor(keeper: LogKeeper, path: string, files: readonly OpenLogFile[], from: number, bell: Bell) {
    this.#keeper = keeper;
    this.#path = path;
    this.#bell = bell;
    this.#next = [...files];
    this.#file = this.#next.shift();
    this.#position = from;
    while (this.#next.length > 0 && this.#position >= (this.#file?.size ?? 0)) {
      this.#position -= this.#file?.size ?? 0;
      this.#passed.push(this.#file);
      this.#base += this.#file?.size ?? 0;
      this.#file = this.#next.shift();
    }
  }

  readonly #passed: (OpenLogFile | undefined)[] = [];

  get at(): number {
    return this.#base + this.#position;
  }

  /** Undefined at the end of the file. */
  async read(): Promise<LogChunk | undefined> {
    if (this.#file === undefined) return undefined;
    const buffer = Buffer.allocUnsafeSlow(chunkSize);
    const { bytesRead } = await this.#file.handle.read(buffer, 0, chunkSize, this.#position);
    if (bytesRead === 0) return undefined;
    const chunk = { bytes: buffer.subarray(0, bytesRead), at: this.at, fresh: this.#fresh };
    this.#position += bytesRead;
    this.#fresh = false;
    this.#bell.ringOn();
    return chunk;
  }

  /** Goes on to the next file when it is known that this one is whole. */
  enterNext(): boolean {
    const next = this.#next.shift();
    if (next === undefined) return false;
    this.#passed.push(this.#file);
    this.#base += this.#position;
    this.#position = 0;
    this.#fresh = true;
    this.#file = next;
    // It may have been rotated several times since.
    this.#moved = true;
    if (this.#follower !== undefined) this.#watch();
    return true;
  }

  /** Whether there is a next file; then the rest of this one is to be read first. `must`: look also without a hint. */
  async findNext(must: boolean): Promise<boolean> {
    const rotations = this.#keeper.rotations(this.#path);
    if (!must && !this.#moved && rotations === this.#rotations && this.#file !== undefined) return false;
    this.#moved = false;
    this.#rotations = rotations;
    const next = await this.#keeper.next(this.#path, this.#file?.inode);
    if (next === undefined) return false;
    if (next === "lost") {
      throw new SlipwayError("data_loss", "The log was rotated before all of it was read");
    }
    if (this.#follower !== undefined) this.#follower.inode = next.inode;
    this.#next.push(next);
    return true;
  }

  /** Keeps the files to come until they are read, and wakes the bell when something is written. */
  follow(): Disposable {
    const inode = this.#next.at(-1)?.inode ?? this.#file?.inode ?? 0;
    this.#follower = { inode, onRotate: () => this.#bell.ring() };
    this.#watch();
    this.#bell.ring();
    return this.#keeper.follow(this.#path, this.#follower);
  }

  #watch(): void {
    this.#watcher?.close();
    if (this.#file === undefined) return;
    const onChange = (event?: string) => {
      // A rename: the file was rotated, by us or by a writer that found it too big.
      if (event === "rename") this.#moved = true;
      this.#bell.ring();
      this.#bell.ringOn();
    };
    try {
      this.#watcher = watch(`/proc/self/fd/${this.#file.handle.fd}`, onChange).on("error", () => onChange());
    } catch {
      // It is removed already, so there is a next one.
      this.#moved = true;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher?.close();
    for (const file of [...this.#passed, this.#file, ...this.#next]) await file?.handle.close();
  }
}
