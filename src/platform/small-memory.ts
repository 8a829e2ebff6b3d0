import { readFileSync } from "node:fs";
import { cpuUsage, memoryUsage } from "node:process";
import { BufferGarbage } from "./buffer-garbage.ts";
import { libc } from "./libc.ts";

const MADV_DONTNEED = 4;

/** At rest: less than this part of a processor in one interval. */
const restShare = 0.02;
/** Bytes of buffers of the main thread that may lie about: an engine at work has some twenty megabytes in use. */
const garbageLimit = 24 << 20;

/** Less growth is not worth a collection, in bytes. */
const worthBytes = 8 << 20;

/**
 * Keeps the process small at work and at rest. At work it collects buffers nobody uses ({@link BufferGarbage}). It
 * gives memory back to the system when the process has come to rest after work: what a build or a push left behind is
 * garbage that nobody would collect until the next one, and most pages of the program are used at its start alone. A
 * collection takes some 20 ms, and nobody waits then. Does nothing on Node. It looks for rest every `everyMs`. Dispose
 * to end it; it keeps no process alive.
 */
export function keepMemorySmall(everyMs = 3000): Disposable {
  if (typeof Bun === "undefined") return { [Symbol.dispose]: () => {} };
  const watch = watchBuffers();
  let used = cpuUsage();
  let floor = 0;
  const look = () => {
    const { user, system } = cpuUsage(used);
    used = cpuUsage();
    const atRest = user + system < everyMs * 1000 * restShare;
    if (!atRest || memoryUsage.rss() < floor + worthBytes) return;
    Bun.gc(true);
    unmapProgram();
    floor = memoryUsage.rss();
  };
  const timer = setInterval(look, everyMs).unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      watch[Symbol.dispose]();
    },
  };
}

/** Looks twenty times a second while there is work, else four times: looking at the clock takes a microsecond. */
function watchBuffers(): Disposable {
  const garbage = new BufferGarbage(garbageLimit);
  let used = cpuUsage();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const { user, system } = cpuUsage(used);
    used = cpuUsage();
    const isWorking = user + system > 10_000;
    if (isWorking) garbage.look();
    timer = setTimeout(look, isWorking ? 50 : 250).unref();
  };
  look();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/**
 * Lets go of the pages of the program file that are mapped and that nobody has written to: they stay in the page cache,
 * and the few that are needed are mapped again when they are touched.
 */
function unmapProgram(): void {
  const { madvise } = libc({ madvise: { args: ["u64", "u64", "i32"], returns: "i32" } });
  for (const { start, length } of cleanMappings(readFileSync("/proc/self/smaps", "utf8"), process.execPath))
    madvise(start, length, MADV_DONTNEED);
}

interface Mapping {
  readonly start: number;
  /** bytes */
  readonly length: number;
}

/** The read-only mappings of `file` in a text as of `/proc/self/smaps`, without those that hold a page of their own. */
export function cleanMappings(smaps: string, file: string): Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((part) => {
    const [, from = "", to = "", path] =
      /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \d+ +(.*)$/m.exec(part) ?? [];
    if (path !== file || !/^Private_Dirty: +0 kB$/m.test(part) || !/^Anonymous: +0 kB$/m.test(part))
      return [];
    const start = Number.parseInt(from, 16);
    return [{ start, length: Number.parseInt(to, 16) - start }];
  });
}
