import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { closeSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogKeeper, type KeptLog } from "./log-keeper.ts";
import { logOutput } from "./log-output.ts";
import { readLog } from "./logs.ts";

let root: string;
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), "slipway-keeper-"))));
afterAll(() => rmSync(root, { recursive: true }));

/** Writes as conmon does: into a file that it holds open, until it is told to make a new one. */
class Writer implements Disposable {
  readonly path: string;
  reopens = 0;
  #fd: number;
  #lines = 0;

  constructor(name: string) {
    mkdirSync(join(root, name));
    this.path = join(root, name, "log");
    this.#fd = openSync(this.path, "a");
  }

  write(count: number): void {
    const stamp = "2026-01-02T03:04:05.000000001+00:00 stdout F ";
    for (let n = 0; n < count; n += 1) writeSync(this.#fd, `${stamp}${(this.#lines += 1)}\n`);
  }

  reopen = async (): Promise<boolean> => {
    this.reopens += 1;
    closeSync(this.#fd);
    this.#fd = openSync(`${this.path}.tmp`, "a");
    renameSync(`${this.path}.tmp`, this.path);
    return true;
  };

  log(limits: Partial<KeptLog> = {}): KeptLog {
    return { path: this.path, maxSize: 1000, maxFiles: 3, reopen: this.reopen, ...limits };
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

const files = (writer: Writer) => readdirSync(join(writer.path, "..")).toSorted();

async function until(what: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !what();) {
    if (Date.now() > deadline) throw new Error("it did not come true in time");
    await Bun.sleep(5);
  }
}

async function lines(keeper: LogKeeper, path: string): Promise<number[]> {
  const records = await Array.fromAsync(readLog(keeper, path));
  return records.map(({ data }) => Number(Buffer.from(data).toString()));
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

test("LogKeeper.keep() rotates a full file, and keeps no more files than it may", async () => {
  using writer = new Writer("full");
  const keeper = new LogKeeper();
  keeper.keep(writer.log({ maxFiles: 2 }));
  for (let round = 1; round <= 2; round += 1) {
    writer.write(30);
    await until(() => writer.reopens === round);
    await until(() => statSync(writer.path).size === 0 && files(writer).length === 2);
  }
  expect(files(writer)).toEqual(["log", "log.1"]);
  expect(await lines(keeper, writer.path)).toEqual(numbers(31, 60));
  keeper.close();
});

test("LogKeeper.rotate() loses no line for who follows, and lets go what was read", async () => {
  using writer = new Writer("follow");
  const keeper = new LogKeeper();
  const ended = Promise.withResolvers<void>();
  writer.write(10);
  const output = logOutput(keeper, writer.path, { from: undefined, ended: ended.promise });
  const told: number[] = [];
  const read = async (upTo: number) => {
    while ((told.at(-1) ?? 0) < upTo) {
      const { value } = await output.next();
      if (value === undefined) break;
      told.push(...Buffer.from(value.data).toString().trim().split("\n").map(Number));
    }
  };
  await read(10);
  for (let round = 0; round < 5; round += 1) {
    writer.write(20);
    await keeper.rotate(writer.log({ maxFiles: 1 }));
  }
  expect(files(writer).length).toBeGreaterThan(4);
  await read(110);
  await keeper.rotate(writer.log({ maxFiles: 1 }));
  writer.write(1);
  ended.resolve();
  await read(111);
  expect((await output.next()).done).toBe(true);
  expect(told).toEqual(numbers(1, 111));
  await keeper.rotate(writer.log({ maxFiles: 1 }));
  expect(files(writer)).toEqual(["log"]);
});

test("LogKeeper.keep() has the writer make the file that a crash left missing", async () => {
  using writer = new Writer("crash");
  writer.write(5);
  renameSync(writer.path, `${writer.path}.1`);
  writer.write(5);
  const keeper = new LogKeeper();
  expect(await lines(keeper, writer.path)).toEqual(numbers(1, 10));
  keeper.keep(writer.log());
  await until(() => existsSync(writer.path));
  writer.write(5);
  expect(await lines(keeper, writer.path)).toEqual(numbers(1, 15));
  keeper.close();
});

test("LogKeeper.rotate() cuts a file that grew far beyond its limit down to its last lines", async () => {
  using writer = new Writer("late");
  writer.write(1000);
  const keeper = new LogKeeper();
  await keeper.rotate(writer.log());
  expect(statSync(`${writer.path}.1`).size).toBeLessThanOrEqual(2000);
  const kept = await lines(keeper, writer.path);
  expect(kept).toEqual(numbers(1001 - kept.length, 1000));
  expect(kept.length).toBeGreaterThan(30);
  expect(files(writer)).toEqual(["log", "log.1"]);
});

test("logOutput() says so when what it has not read was removed", async () => {
  using writer = new Writer("lost");
  writer.write(5);
  const keeper = new LogKeeper();
  const ended = Promise.withResolvers<void>();
  const output = logOutput(keeper, writer.path, { from: undefined, ended: ended.promise });
  await output.next();
  // Not through the keeper, which would hold it back.
  for (let n = 0; n < 2; n += 1) {
    renameSync(writer.path, join(root, `elsewhere-${n}`));
    await writer.reopen();
    writer.write(5);
  }
  ended.resolve();
  let code = "";
  try {
    for await (const _chunk of output);
  } catch (error) {
    code = (error as { code: string }).code;
  }
  expect(code).toBe("data_loss");
});
