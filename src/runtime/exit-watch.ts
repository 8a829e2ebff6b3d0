import { type FSWatcher, watch } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { CallOptions } from "../oci/call-options.ts";
import type { ExitStatus } from "./runtime.ts";

/** How often a wait looks whether conmon still lives: it may be killed before it wrote how the process ended. */
const conmonCheckMs = 3000;

/** Where conmon writes. A path of `exitFile` is in `directory`. */
export interface ExitPlaces {
  readonly directory: string;
  exitFile(id: string): string;
  oomFile(id: string): string;
}

interface Waiter {
  readonly look: () => void;
}

/**
 * Waits for the files conmon writes at the end of a container: one inotify watch for all of them, kept while anybody
 * waits. A file that is there already counts, so ends that nobody saw are found.
 */
export class ExitWatch {
  readonly #places: ExitPlaces;
  readonly #waiters = new Map<string, Set<Waiter>>();
  #watcher: FSWatcher | undefined;

  constructor(places: ExitPlaces) {
    this.#places = places;
  }

  /** undefined while the process lives. */
  async look(id: string): Promise<ExitStatus | undefined> {
    const path = this.#places.exitFile(id);
    try {
      const [text, { mtime }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
      const exitCode = Number.parseInt(text, 10);
      if (Number.isNaN(exitCode)) return undefined;
      return { exitCode, exitedAt: mtime, oomKilled: await this.#oomKilled(id) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /**
   * Resolves when the exit file is there, or when `lost()` says that nobody is left to write one: exit code 255 then.
   */
  wait(id: string, lost: () => boolean, options?: CallOptions): Promise<ExitStatus> {
    options?.signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      let done = false;
      const finish = (act: () => void) => {
        if (done) return;
        done = true;
        clearInterval(timer);
        options?.signal?.removeEventListener("abort", onAbort);
        this.#remove(id, waiter);
        act();
      };
      const onAbort = () => finish(() => reject(options?.signal?.reason));
      const look = (orLost?: ExitStatus) => {
        this.look(id).then(
          (status) => {
            const end = status ?? orLost;
            if (end !== undefined) finish(() => resolve(end));
          },
          (error) => finish(() => reject(error)),
        );
      };
      const checkConmon = () => {
        if (lost()) look({ exitCode: 255, exitedAt: new Date(), oomKilled: false });
      };
      const timer = setInterval(checkConmon, conmonCheckMs);
      timer.unref();
      const waiter: Waiter = { look: () => look() };
      this.#add(id, waiter);
      options?.signal?.addEventListener("abort", onAbort, { once: true });
      checkConmon();
      look();
    });
  }

  async #oomKilled(id: string): Promise<boolean> {
    return await stat(this.#places.oomFile(id)).then(
      () => true,
      () => false,
    );
  }

  #add(id: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters.add(waiter));
    this.#watcher ??= watch(this.#places.directory, (_event, name) => {
      for (const each of this.#waiters.get(name ?? "") ?? []) each.look();
    }).on("error", () => this.#lookAtAll());
  }

  #lookAtAll(): void {
    for (const waiters of this.#waiters.values()) for (const each of waiters) each.look();
  }

  #remove(id: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(id);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(id);
    if (this.#waiters.size > 0) return;
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
