import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { allocateFd } from "../platform/fd.ts";
import { errorCode } from "../errors.ts";

const SIZE = 2 << 20;

/**
 * A file that keeps room on the disk for the database. When the disk is full it is given up, so that records can still be
 * removed: with no room for that, nothing could ever be.
 */
export class DiskReserve {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Takes the room, unless it is there or there is none. */
  fill(): void {
    if (existsSync(this.#path)) return;
    const fd = openSync(this.#path, "w", 0o600);
    let isKept = false;
    try {
      isKept = allocateFd(fd, SIZE);
    } catch (error) {
      if (errorCode(error) !== "resource_exhausted") throw error;
    } finally {
      closeSync(fd);
      if (!isKept) this.release();
    }
  }

  /** Gives the room up. False when there was none. */
  release(): boolean {
    if (!existsSync(this.#path)) return false;
    rmSync(this.#path);
    return true;
  }
}
