import { SlipwayError } from "../../errors.ts";
import type { LogRecord } from "../../runtime/log-record.ts";
import { readLog as readRecords } from "../../runtime/logs.ts";
import type { OutputChunk } from "../../runtime/runtime.ts";
import type { LogOptions } from "../engine.ts";
import { logDetails } from "./create/log-config.ts";
import { pathsOf, type ContainerHost } from "./host.ts";
import { isActive, type ContainerRecord } from "./record.ts";

/**
 * What a container printed, from its log. With `follow`, until the container ended and all was read. Throws
 * `not_implemented` when it keeps no log.
 */
export async function readLog(
  host: ContainerHost,
  record: ContainerRecord,
  log: LogOptions,
  signal?: AbortSignal,
): Promise<AsyncIterable<OutputChunk>> {
  if (record.hostConfig.LogConfig?.Type === "none") {
    throw new SlipwayError("not_implemented", "configured logging driver does not support reading");
  }
  if (log.stdout !== true && log.stderr !== true) {
    throw new SlipwayError("invalid_argument", "Bad parameters: you must choose at least one stream");
  }
  const isUp = isActive(record) || record.state.status === "restarting";
  const { stdout = false, stderr = false, tail, timestamps = false } = log;
  const details = log.details ? `${logDetails(record)} ` : "";
  const records = readRecords(host.runtime.logs, pathsOf(host, record.id).log, {
    stdout,
    stderr,
    tail,
    signal,
    since: nanoseconds(log.since),
    until: nanoseconds(log.until),
    follow: log.follow && isUp ? untilDown(host, record) : undefined,
  });
  return timestamps || details !== "" ? stamped(records, timestamps, details) : records;
}

function nanoseconds(time: Date | undefined): bigint | undefined {
  return time === undefined ? undefined : BigInt(Math.round(time.getTime() * 1000)) * 1000n;
}

/** Time and details of a line stand before its beginning alone, however many records it has. */
async function* stamped(
  records: AsyncIterable<LogRecord>,
  timestamps: boolean,
  details: string,
): AsyncIterable<OutputChunk> {
  const inLine = { stdout: false, stderr: false };
  for await (const { stream, time, data, partial } of records) {
    yield inLine[stream]
      ? { stream, data }
      : { stream, data: Buffer.concat([Buffer.from(`${timestamps ? `${time} ` : ""}${details}`), data]) };
    inLine[stream] = partial;
  }
}

/** A restart is no end: the log goes on. */
async function untilDown(host: ContainerHost, record: ContainerRecord): Promise<void> {
  do await host.waiters.nextExit(record.id);
  while (record.state.status === "restarting");
}
