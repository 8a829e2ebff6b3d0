import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readLog } from "../../src/runtime/logs.ts";
import { collect, Fixture, runtimes, until } from "./fixture.ts";

const digest = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");

describe.each([...runtimes])("%s", (name) => {
  let fixture: Fixture;
  beforeAll(async () => void (fixture = await Fixture.open(name)));
  afterAll(() => fixture[Symbol.asyncDispose]());

  test("Attachment.closeInput() reaches the process and output goes on after it", async () => {
    const task = await fixture.create(["sh", "-c", "cat; echo end"], {}, { stdin: true, stdinOnce: true });
    await using attachment = await task.attach();
    const output = collect(attachment);
    await task.start();
    await attachment.write(Buffer.from("some\n"));
    await attachment.write(Buffer.from("words"));
    await attachment.closeInput();
    expect((await output).stdout).toBe("some\nwordsend\n");
    expect((await task.wait()).exitCode).toBe(0);
  });

  test("Attachment.write() carries megabytes to a slow reader without loss", async () => {
    const script = "sleep 0.3; sha256sum";
    const task = await fixture.create(["sh", "-c", script], {}, { stdin: true, stdinOnce: true });
    await using attachment = await task.attach();
    const output = collect(attachment);
    await task.start();
    const data = Buffer.alloc(8 << 20, "0123456789abcdef\n");
    await attachment.write(data);
    await attachment.closeInput();
    expect((await output).stdout).toStartWith(digest(data));
  });

  test("Attachment: a second attach finds standard input open after the first ended", async () => {
    const task = await fixture.create(["cat"], {}, { stdin: true, stdinOnce: false });
    await task.start();
    for (const line of ["one\n", "two\n"]) {
      await using attachment = await task.attach();
      await attachment.write(Buffer.from(line));
      expect(await until(attachment.output[Symbol.asyncIterator](), /\n/)).toBe(line);
      await attachment.closeInput();
    }
    await task.kill(9);
  });

  test("Attachment.output is exact for bytes that are no lines", async () => {
    const script = "head -c 3000000 /dev/urandom > /tmp/x; sha256sum < /tmp/x >&2; cat /tmp/x";
    const task = await fixture.create(["sh", "-c", script]);
    await using attachment = await task.attach();
    await task.start();
    const hash = createHash("sha256");
    let told = "";
    for await (const chunk of attachment.output) {
      if (chunk.stream === "stderr") told += Buffer.from(chunk.data).toString();
      else hash.update(chunk.data);
    }
    expect(told).toStartWith(hash.digest("hex"));
  });

  test("readLog(fixture.runtime.logs, ) follows 300,000 lines without losing one, and ends", async () => {
    const task = await fixture.create(["seq", "300000"]);
    await task.start();
    let expected = 1;
    let line = "";
    for await (const record of readLog(fixture.runtime.logs, join(task.bundle, "log"), {
      follow: task.wait(),
    })) {
      line += Buffer.from(record.data).toString();
      if (record.partial) continue;
      const text = line;
      line = "";
      if (text !== `${expected}\n`) throw new Error(`line ${expected} reads ${JSON.stringify(text)}`);
      expected += 1;
    }
    expect(expected).toBe(300_001);
    const tail = await Array.fromAsync(readLog(fixture.runtime.logs, join(task.bundle, "log"), { tail: 2 }));
    expect(tail.map((record) => Buffer.from(record.data).toString())).toEqual(["299999\n", "300000\n"]);
  }, 20_000);

  test("Attachment of a terminal: size, echo and latency", async () => {
    const script = 'echo up; while read line; do eval "$line"; done';
    const task = await fixture.create(["sh", "-c", script], {}, { terminal: true, stdin: true });
    await using attachment = await task.attach();
    const output = attachment.output[Symbol.asyncIterator]();
    await task.start();
    await until(output, /up\r\n/);
    await task.resize(33, 99);
    await attachment.write(Buffer.from("stty size; tty\n"));
    expect(await until(output, /\n\/dev\/.*\n/s)).toContain("33 99\r\n/dev/pts/0\r\n");
    const times: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const started = performance.now();
      await attachment.write(Buffer.from("x"));
      await until(output, /x/);
      times.push(performance.now() - started);
    }
    expect(times.sort((a, b) => a - b)[10]).toBeLessThan(10);
    await attachment.write(Buffer.from("\u0015exit 4\n"));
    expect((await task.wait()).exitCode).toBe(4);
  });

  test("Attachment without a log reads the socket, both streams, to the end", async () => {
    const script = "read go; seq 20000; echo err >&2";
    const stdio = { stdin: true, stdinOnce: true, logPath: undefined };
    const task = await fixture.create(["sh", "-c", script], {}, stdio);
    await using attachment = await task.attach();
    const output = collect(attachment);
    await task.start();
    await attachment.write(Buffer.from("go\n"));
    const { stdout, stderr } = await output;
    expect(stderr).toBe("err\n");
    expect(stdout.split("\n")).toHaveLength(20_001);
  });
});
