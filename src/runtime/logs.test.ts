import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogKeeper } from "./log-keeper.ts";
import { logOutput } from "./log-output.ts";
import { type LogQuery, logTime, readLog } from "./logs.ts";

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), "slipway-logs-"))));
afterAll(() => rmSync(directory, { recursive: true }));

const second = (n: number) => `2026-01-02T03:04:${String(n).padStart(2, "0")}.000000001`;
const line = (n: number, text: string, stream = "stdout", tag = "F") =>
  `${second(n)}+00:00 ${stream} ${tag} ${text}\n`;

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

async function texts(path: string, query: LogQuery = {}): Promise<string[]> {
  const records = await Array.fromAsync(readLog(new LogKeeper(), path, query));
  return records.map((record) => `${record.stream}:${Buffer.from(record.data).toString()}`);
}

const mixed =
  line(1, "one") +
  line(2, "par", "stdout", "P") +
  line(3, "err", "stderr") +
  line(4, "tial") +
  line(5, "last", "stdout", "P");

test("readLog() rebuilds what was written, and says where lines begin", async () => {
  const records = await Array.fromAsync(readLog(new LogKeeper(), file("mixed", mixed)));
  expect(
    records.map((record) => [Buffer.from(record.data).toString(), record.partial, record.startsLine]),
  ).toEqual([
    ["one\n", false, true],
    ["par", true, true],
    ["err\n", false, true],
    ["tial\n", false, false],
    ["last", true, true],
  ]);
  expect(records[0]?.time).toBe(`${second(1)}Z`);
});

test("readLog() picks streams and times", async () => {
  const path = file("mixed", mixed);
  const at = (n: number) => BigInt(Date.parse(`${second(n).slice(0, 19)}Z`)) * 1_000_000n + 1n;
  expect(await texts(path, { stdout: false })).toEqual(["stderr:err\n"]);
  expect(await texts(path, { since: at(4) })).toEqual(["stdout:tial\n", "stdout:last"]);
  expect(await texts(path, { since: at(4) + 1n })).toEqual(["stdout:last"]);
  expect(await texts(path, { until: at(2) })).toEqual(["stdout:one\n", "stdout:par"]);
  expect(logTime(at(1))).toBe(`${second(1)}Z`);
});

test("readLog() with tail counts lines from the end, a line in parts as one", async () => {
  const path = file("tail", mixed + line(6, "!"));
  expect(await texts(path, { tail: 0 })).toEqual([]);
  expect(await texts(path, { tail: 1 })).toEqual(["stdout:last", "stdout:!\n"]);
  expect(await texts(path, { tail: 100 })).toHaveLength(6);
  const many = Array.from({ length: 20_000 }, (_each, n) =>
    line(n % 60, `line ${n} ${"x".repeat(n % 50)}`),
  ).join("");
  const big = file("big", many);
  for (const tail of [1, 10, 999, 5000, 19_999, 20_000, 30_000]) {
    const found = await texts(big, { tail });
    expect(found).toHaveLength(Math.min(tail, 20_000));
    expect(found.at(-1)).toStartWith("stdout:line 19999 ");
  }
});

test("readLog() passes over torn lines and takes a missing file as empty", async () => {
  const path = file("torn", `garbage\n${line(1, "a")}2026-01\n${line(2, "b")}${second(3)}+00:00 std`);
  expect(await texts(path)).toEqual(["stdout:a\n", "stdout:b\n"]);
  expect(await texts(join(directory, "none"))).toEqual([]);
});

test("readLog() follows until the promise resolves, and stops at an abort", async () => {
  const path = file("follow", line(1, "a"));
  const ended = Promise.withResolvers<void>();
  const reading = texts(path, { follow: ended.promise });
  for (let n = 0; n < 50; n += 1) {
    appendFileSync(path, line(2, String(n)).slice(0, 20));
    await Bun.sleep(n % 4);
    appendFileSync(path, line(2, String(n)).slice(20));
  }
  ended.resolve();
  appendFileSync(path, line(3, "end"));
  const found = await reading;
  expect(found).toHaveLength(52);
  expect(found.at(-1)).toBe("stdout:end\n");
  const abort = new AbortController();
  const aborted = texts(path, { follow: new Promise(() => undefined), signal: abort.signal });
  await Bun.sleep(5);
  abort.abort();
  expect(await aborted).toHaveLength(52);
});

test("readLog() sees each of quick changes within 10 ms", async () => {
  const path = file("quick", "");
  const ended = Promise.withResolvers<void>();
  const log = readLog(new LogKeeper(), path, { follow: ended.promise });
  const times: number[] = [];
  const reading = log.next();
  await Bun.sleep(20);
  appendFileSync(path, line(1, "first"));
  await reading;
  for (let n = 0; n < 30; n += 1) {
    const next = log.next();
    await Bun.sleep(n % 7);
    const written = performance.now();
    appendFileSync(path, line(1, String(n)));
    await next;
    times.push(performance.now() - written);
  }
  ended.resolve();
  await log.return();
  expect(times.sort((a, b) => a - b)[15]).toBeLessThan(10);
});

test("readLog() takes the last lines of each stream, whole ones alone", async () => {
  const text =
    line(1, "a", "stdout", "P") +
    line(2, "x", "stderr") +
    line(3, "y", "stderr", "P") +
    line(4, "b") +
    line(5, "z", "stderr");
  const path = file("streams", text);
  const tail = async (n: number) => (await texts(path, { tail: n })).join("|");
  expect(await tail(1)).toBe("stderr:y|stderr:z\n");
  expect(await tail(2)).toBe("stdout:a|stderr:y|stdout:b\n|stderr:z\n");
  expect(await tail(3)).toBe("stdout:a|stderr:x\n|stderr:y|stdout:b\n|stderr:z\n");
  expect(await tail(0)).toBe("");
});

test("readLog() reads rotated files as one log, and finds last lines and times across them", async () => {
  const path = file("parts", line(5, "five") + line(6, "six"));
  file("parts.2", `${line(1, "one")}${line(2, "two")}torn`);
  file("parts.1", line(3, "thr", "stdout", "P") + line(4, "ee"));
  file("parts.trim-x", "none of it");
  const all = ["one\n", "two\n", "thr", "ee\n", "five\n", "six\n"].map((each) => `stdout:${each}`);
  expect(await texts(path)).toEqual(all);
  expect(await texts(path, { tail: 3 })).toEqual(all.slice(2));
  expect(await texts(path, { tail: 5 })).toEqual(all);
  const at = (n: number) => BigInt(Date.parse(`${second(n).slice(0, 19)}Z`)) * 1_000_000n + 1n;
  expect(await texts(path, { since: at(2), until: at(4) })).toEqual(all.slice(1, 4));
});

test("logOutput() joins neighbours of one stream", async () => {
  const path = file("join", mixed);
  const chunks = await Array.fromAsync(
    logOutput(new LogKeeper(), path, { from: undefined, ended: Promise.resolve() }),
  );
  expect(chunks.map((chunk) => `${chunk.stream}:${Buffer.from(chunk.data).toString()}`)).toEqual([
    "stdout:one\npar",
    "stderr:err\n",
    "stdout:tial\nlast",
  ]);
});
