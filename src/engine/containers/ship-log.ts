import { rename, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorMessage } from "../../errors.ts";
import type { LogRecord } from "../../runtime/log-record.ts";
import { readLog } from "../../runtime/logs.ts";
import { syslogMessage } from "../../runtime/syslog/syslog-message.ts";
import { openSyslog, type SyslogSink } from "../../runtime/syslog/syslog-sink.ts";
import { syslogTarget } from "../../runtime/syslog/syslog-target.ts";
import { pathsOf, type ContainerHost } from "./host.ts";
import { logTag } from "./log-tag.ts";
import type { ContainerRecord } from "./record.ts";

/** A container's log on its way to a daemon. */
export interface Shipping {
  readonly done: Promise<void>;
  readonly stop: AbortController;
}

const shortestRetry = 500;
const longestRetry = 30_000;
const saveEvery = 1000;
/** How long a container that is removed waits for its last lines to go out. */
const lastWords = 5000;
const NEWLINE = 10;

/**
 * Sends what a container writes to the syslog daemon it asked for (`--log-driver syslog`), from its log file, where it stopped
 * the last time, until it ended (its `task`; none: it has) and all is sent. Nobody waits for it: a daemon that is away is tried
 * again, and the lines wait in the log. How far it came is written down every second, so lines of the last second may come
 * twice after a crash, and none is lost.
 */
export function shipLog(host: ContainerHost, record: ContainerRecord): void {
  if (record.hostConfig.LogConfig?.Type !== "syslog") return;
  const { shipping, closed } = host.live;
  const earlier = shipping.get(record.id);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, closed]);
  const ended =
    host.live
      .of(record.id)
      .task?.wait({ signal })
      .catch(() => undefined) ?? Promise.resolve();
  const run = async () => {
    await earlier?.done;
    await ship(host, record, { ended, signal });
    if (shipping.get(record.id)?.stop === stop) shipping.delete(record.id);
  };
  shipping.set(record.id, { done: run(), stop });
}

/** Before the log is removed: its last lines have some seconds to go out. */
export async function lastLinesShipped(host: ContainerHost, id: string): Promise<void> {
  const shipping = host.live.shipping.get(id);
  if (shipping === undefined) return;
  const timer = setTimeout(() => shipping.stop.abort(), lastWords);
  await shipping.done;
  clearTimeout(timer);
  host.live.shipping.delete(id);
}

interface Way {
  readonly ended: Promise<unknown>;
  readonly signal: AbortSignal;
}

async function ship(host: ContainerHost, record: ContainerRecord, way: Way): Promise<void> {
  const place = await Place.open(join(pathsOf(host, record.id).directory, "syslog-place"));
  for (let wait = shortestRetry; !way.signal.aborted; wait = Math.min(wait * 2, longestRetry)) {
    try {
      return await shipAll(host, record, place, way);
    } catch (error) {
      if (way.signal.aborted) return;
      if (wait === shortestRetry)
        host.warn(
          `Cannot send the log of container ${record.name} to syslog, trying again: ${errorMessage(error)}`,
        );
      await sleep(wait, undefined, { signal: way.signal, ref: false }).catch(() => undefined);
    }
  }
}

async function shipAll(
  host: ContainerHost,
  record: ContainerRecord,
  place: Place,
  { ended, signal }: Way,
): Promise<void> {
  const { Config = {} } = record.hostConfig.LogConfig ?? {};
  const target = syslogTarget(Config ?? {});
  const sender = { hostname: hostname(), tag: logTag(Config?.["tag"], record), pid: process.pid };
  using sink: SyslogSink = await openSyslog(target, signal);
  const query = { since: place.begin(), follow: ended, signal };
  try {
    for await (const line of readLog(host.runtime.logs, pathsOf(host, record.id).log, query)) {
      if (place.has(line)) continue;
      await sink.send(syslogMessage({ ...line, text: bare(line) }, sender, target));
      await place.move();
    }
  } finally {
    await place.save();
  }
}

function bare({ data }: LogRecord): Uint8Array {
  return data.at(-1) === NEWLINE ? data.subarray(0, -1) : data;
}

/** How far a log was sent: the time of the last line, and how many lines of that time. */
class Place {
  readonly #path: string;
  #time: string;
  #count: number;
  #seen = 0;
  #seenTime = "";
  #savedAt = 0;

  private constructor(path: string, time: string, count: number) {
    this.#path = path;
    this.#time = time;
    this.#count = count;
  }

  static async open(path: string): Promise<Place> {
    const [time = "", count = ""] = (await readFile(path, "utf8").catch(() => "")).split(" ");
    return new Place(path, time, Number(count) || 0);
  }

  /** Reading begins again; from which time, in nanoseconds since the epoch. */
  begin(): bigint | undefined {
    this.#seen = 0;
    this.#seenTime = "";
    if (this.#time === "") return undefined;
    return BigInt(Date.parse(`${this.#time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(this.#time.slice(20, 29));
  }

  /** Whether the line, the next one read, was sent before. */
  has({ time }: LogRecord): boolean {
    this.#seen = time === this.#seenTime ? this.#seen + 1 : 1;
    this.#seenTime = time;
    return time === this.#time && this.#seen <= this.#count;
  }

  /** The line that was read last is sent. */
  async move(): Promise<void> {
    this.#time = this.#seenTime;
    this.#count = this.#seen;
    if (performance.now() - this.#savedAt >= saveEvery) await this.save();
  }

  async save(): Promise<void> {
    if (this.#time === "") return;
    this.#savedAt = performance.now();
    await writeFile(`${this.#path}.new`, `${this.#time} ${this.#count}`);
    await rename(`${this.#path}.new`, this.#path);
  }
}
