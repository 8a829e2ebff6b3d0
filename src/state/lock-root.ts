import { ftruncateSync, mkdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import { tryLockFile, type FileLock } from "../platform/flock.ts";

/**
 * Makes this process the only engine of `root` (made when missing), until the result is disposed or the process
 * dies. Throws `conflict`, naming the process, when another engine works on it.
 */
export function lockRoot(root: string): Disposable {
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const path = join(root, "lock");
  const lock = lockSoon(path);
  if (lock === undefined) {
    const pid = readFileSync(path, "utf8").trim();
    const who = /^\d+$/.test(pid) ? ` (process ${pid})` : "";
    throw new SlipwayError("conflict", `Cannot use "${root}": another engine is using it${who}`);
  }
  ftruncateSync(lock.fd);
  writeSync(lock.fd, `${process.pid}\n`, 0);
  return lock;
}

const tries = 20;
const pauseMs = 10;

/**
 * A process that was killed may have a child between fork and exec, which holds the lock for another moment: a start
 * right after `kill -9` waits for that, 0.2 s at most.
 */
function lockSoon(path: string): FileLock | undefined {
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let tried = 1; ; tried += 1) {
    const lock = tryLockFile(path);
    if (lock !== undefined || tried === tries) return lock;
    Atomics.wait(never, 0, 0, pauseMs);
  }
}
