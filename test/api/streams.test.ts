/** Hijacked and long streams of a real engine, over raw connections: what a client may do to them. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { EngineProcess, makeBusybox } from "../engine/lab.ts";
import { ask } from "./ask.ts";

let lab: EngineProcess;

beforeAll(async () => {
  lab = await EngineProcess.start();
  await makeBusybox(lab.engine, lab.root);
});
afterAll(async () => await lab?.[Symbol.asyncDispose]());

async function call<T = Record<string, never>>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await ask(lab.socket, method, path, { body });
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return (answer.body === "" ? {} : JSON.parse(answer.body)) as T;
}

async function made(Cmd: string[], more: object = {}): Promise<string> {
  const body = { Image: "busybox", Cmd, ...more };
  return (await call<{ Id: string }>("POST", "/containers/create", body)).Id;
}
const start = (id: string) => call("POST", `/containers/${id}/start`);
const remove = (id: string) => call("DELETE", `/containers/${id}?force=1`);

/** One connection; what arrives is kept as text, unless it is paused. */
class Connection implements Disposable {
  readonly socket: Socket;
  text = "";
  #changed = () => {};
  isOver = false;

  constructor(head: string, body = "") {
    this.socket = connect({ path: lab.socket, allowHalfOpen: true });
    this.socket.on("data", (data) => ((this.text += data.toString("latin1")), this.#changed()));
    this.socket.on("error", () => ((this.isOver = true), this.#changed()));
    this.socket.on("end", () => ((this.isOver = true), this.#changed()));
    const length = body === "" ? "" : `Content-Length: ${body.length}\r\n`;
    this.socket.write(`${head}Host: x\r\n${length}\r\n${body}`);
  }

  async until(words: string | RegExp): Promise<void> {
    while (!(typeof words === "string" ? this.text.includes(words) : words.test(this.text))) {
      if (this.isOver) throw new Error(`ended after ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  async end(): Promise<string> {
    while (!this.isOver) await new Promise<void>((resolve) => (this.#changed = resolve));
    return this.text;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

const upgrade = "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\n";
const attach = (id: string, query: string) =>
  new Connection(`POST /containers/${id}/attach?${query} HTTP/1.1\r\n${upgrade}`);

test("resize before the start is refused, after it the program sees it, in an exec too", async () => {
  const ask40 = `read x; busybox stty size`;
  const id = await made(["sh", "-c", ask40], { Tty: true, OpenStdin: true });
  expect((await ask(lab.socket, "POST", `/containers/${id}/resize?h=40&w=100`)).status).toBe(409);
  using stream = attach(id, "stream=1&stdin=1&stdout=1");
  await stream.until("101 UPGRADED");
  await start(id);
  await call("POST", `/containers/${id}/resize?h=40&w=100`);
  stream.socket.write("\n");
  await stream.until("40 100");
  await remove(id);

  const other = await made(["sleep", "1000"]);
  await start(other);
  const exec = { Cmd: ["sh", "-c", ask40], Tty: true, AttachStdin: true, AttachStdout: true };
  const { Id } = await call<{ Id: string }>("POST", `/containers/${other}/exec`, exec);
  expect((await ask(lab.socket, "POST", `/exec/${Id}/resize?h=30&w=90`)).status).toBe(409);
  using run = new Connection(`POST /exec/${Id}/start HTTP/1.1\r\n${upgrade}`, '{"Tty":true}');
  await run.until("101 UPGRADED");
  // The process is started when its output is first asked for.
  while ((await ask(lab.socket, "POST", `/exec/${Id}/resize?h=30&w=90`)).status !== 200) await Bun.sleep(10);
  run.socket.write("\n");
  await run.until("30 90");
  await remove(other);
});

test("attach with logs=1 and stream=1 tells what was and what comes, each once", async () => {
  const id = await made(["sh", "-c", "echo one; read x; echo two"], { OpenStdin: true });
  await start(id);
  using first = attach(id, "logs=1&stream=1&stdin=1&stdout=1");
  await first.until("one\n");
  using late = attach(id, "stream=1&stdout=1");
  await late.until("101 UPGRADED");
  first.socket.write("\n");
  const all = await first.end();
  expect([all.split("one\n").length, all.split("two\n").length]).toEqual([2, 2]);
  expect(await late.end()).not.toContain("one");
  using after = attach(id, "logs=1&stdout=1");
  expect(await after.end()).toMatch(/one\n.*two\n$/s);
  await remove(id);
});

test("a client that ends its direction still gets the rest, with and without Upgrade", async () => {
  for (const fields of [upgrade, "Content-Type: text/plain\r\n"]) {
    const id = await made(["wc", "-c"], { OpenStdin: true, StdinOnce: true });
    const query = "stream=1&stdin=1&stdout=1";
    using stream = new Connection(`POST /containers/${id}/attach?${query} HTTP/1.1\r\n${fields}`);
    await stream.until("\r\n\r\n");
    await start(id);
    stream.socket.end(Buffer.alloc(300_000, "x"));
    expect(await stream.end()).toContain("300000\n");
    await remove(id);
  }
});

test("a websocket attaches both ways", async () => {
  const id = await made(["cat"], { OpenStdin: true, StdinOnce: true });
  await start(id);
  const fields =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const query = "stream=1&stdin=1&stdout=1";
  using stream = new Connection(`GET /containers/${id}/attach/ws?${query} HTTP/1.1\r\n${fields}`);
  await stream.until("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  // A masked text frame of five bytes; the mask is zero.
  stream.socket.write(Buffer.from([0x81, 0x85, 0, 0, 0, 0, ...Buffer.from("ping\n")]));
  await stream.until("ping\n");
  await remove(id);
  await stream.end();
});

const mebibyte = 1024 * 1024;
const size = 96;

function residentMemory(): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${lab.pid}/status`, "utf8"))?.[1] ?? "0";
  return Number(kilobytes) / 1024;
}

function ticks(): number {
  const fields = readFileSync(`/proc/${lab.pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Resolves when the engine does nothing more: with a client that does not read, it must come to that. */
async function idle(): Promise<void> {
  for (let [before, calm] = [ticks(), 0]; calm < 4;) {
    await Bun.sleep(50);
    const now = ticks();
    calm = now - before <= 1 ? calm + 1 : 0;
    before = now;
  }
}

/** Sends a request whose answer nobody reads. MiB that the engine has grown by when it waits. */
async function growth(head: string): Promise<number> {
  const before = residentMemory();
  const socket = connect({ path: lab.socket });
  socket.pause();
  socket.write(`${head} HTTP/1.1\r\nHost: x\r\n\r\n`);
  try {
    await idle();
    return residentMemory() - before;
  } finally {
    socket.destroy();
    await idle();
  }
}

test("a reader that does not read makes no engine grow: logs, attach, export, archive", async () => {
  const line = "y".repeat(1000);
  const id = await made(["sh", "-c", `yes ${line} | head -c ${size}M | tee /big`]);
  await start(id);
  await call("POST", `/containers/${id}/wait`);
  // Once for the code that is loaded and the heaps that are made.
  await growth(`GET /containers/${id}/logs?stdout=1`);
  for (const what of ["logs?stdout=1", "logs?stdout=1&follow=1", "export", "archive?path=/big"])
    expect([what, (await growth(`GET /containers/${id}/${what}`)) < size / 2]).toEqual([what, true]);
  await remove(id);
  const talker = await made(["sh", "-c", `read x; yes ${line} | head -c ${size}M; sleep 1000`], {
    OpenStdin: true,
  });
  await start(talker);
  const before = residentMemory();
  using reader = attach(talker, "stream=1&stdout=1");
  await reader.until("101 UPGRADED");
  reader.socket.pause();
  using starter = attach(talker, "stream=1&stdin=1");
  await starter.until("101 UPGRADED");
  starter.socket.write("\n");
  await idle();
  expect(residentMemory() - before).toBeLessThan(size / 2);
  await remove(talker);
}, 120_000);

test("a program that does not read its input holds up who writes it", async () => {
  const id = await made(["sleep", "1000"], { OpenStdin: true });
  await start(id);
  using stream = attach(id, "stream=1&stdin=1");
  await stream.until("101 UPGRADED");
  const before = residentMemory();
  const chunk = Buffer.alloc(mebibyte, "x");
  for (let sent = 0; sent < size; sent++) stream.socket.write(chunk);
  await idle();
  expect(stream.socket.writableLength).toBeGreaterThan((size / 2) * mebibyte);
  expect(residentMemory() - before).toBeLessThan(size / 2);
  await remove(id);
});
