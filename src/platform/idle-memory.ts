import { cpuUsage, memoryUsage } from "node:process";

/** At rest: less than this part of a processor in one interval. */
const restShare = 0.02;
/** Less growth is not worth a collection, in bytes. */
const worthBytes = 8 << 20;

/**
 * Gives memory back to the system when the process has come to rest after work: what a build or a push left behind is
 * garbage that nobody would collect until the next one. A collection takes some 20 ms, and nobody waits then. Does
 * nothing on Node. It looks every `everyMs`. Dispose to end it; it keeps no process alive.
 */
export function releaseMemoryAtRest(everyMs = 3000): Disposable {
  if (typeof Bun === "undefined") return { [Symbol.dispose]: () => {} };
  let used = cpuUsage();
  let floor = memoryUsage.rss();
  const look = () => {
    const { user, system } = cpuUsage(used);
    used = cpuUsage();
    const atRest = user + system < everyMs * 1000 * restShare;
    if (!atRest || memoryUsage.rss() < floor + worthBytes) return;
    Bun.gc(true);
    floor = memoryUsage.rss();
  };
  const timer = setInterval(look, everyMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
