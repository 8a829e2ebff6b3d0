import { readFileSync, writeSync, ftruncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryLockFile } from "../src/platform/flock.ts";

/**
 * Makes this the only run of the benchmark on the machine, until it is disposed or the process dies: two would share
 * processors and disk, and the link of dockerd. Throws while another one is under way.
 */
export function lockBench(path = join(tmpdir(), "slipway-bench.lock")): Disposable {
  const lock = tryLockFile(path);
  if (lock === undefined) {
    const pid = readFileSync(path, "utf8").trim();
    throw new Error(`Another run of the benchmark is under way (process ${pid}): wait until it has ended`);
  }
  ftruncateSync(lock.fd);
  writeSync(lock.fd, `${process.pid}\n`, 0);
  return lock;
}
