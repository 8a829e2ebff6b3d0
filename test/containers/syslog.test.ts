/** Logs that go to a syslog daemon: all lines, in order, whatever dies in between. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { EngineProcess, logs, makeBusybox, run, start } from "../engine/lab.ts";
import { failure } from "../engine/rejects.ts";
import { until } from "../until.ts";

let at: EngineProcess;
let engine: Engine;
beforeAll(async () => {
  at = await EngineProcess.start();
  engine = at.engine;
  await makeBusybox(engine, at.root);
});
afterAll(async () => await at?.[Symbol.asyncDispose]());

/** A daemon at a unix socket; messages as they came, a line each. */
class Daemon implements Disposable {
  text = "";
  readonly path: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(path: string) {
    this.path = path;
  }

  async listen(): Promise<void> {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("data", (data) => (this.text += data.toString())).on("error", () => undefined);
    });
    await new Promise<void>((done) => this.#server?.listen(this.path, done));
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  [Symbol.dispose](): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    rmSync(this.path, { force: true });
  }
}

const syslog = (Config: Record<string, string>) => ({ LogConfig: { Type: "syslog", Config } });

test("--log-driver syslog sends every line once and in order, over a death of the engine and of the daemon", async () => {
  using daemon = new Daemon(join(at.root, "../daemon.sock"));
  await daemon.listen();
  const script =
    "n=0; while [ $n -lt 300 ]; do n=$((n+1)); echo line $n; usleep 10000; done; echo end >&2; sleep 1000";
  await start(engine, ["sh", "-c", script], {
    name: "talker",
    HostConfig: syslog({
      "syslog-address": `unix://${daemon.path}`,
      tag: "{{.Name}}",
      "syslog-facility": "local0",
    }),
  });
  await until(() => daemon.lines.length > 20);
  daemon[Symbol.dispose]();
  await daemon.listen();
  const before = daemon.lines.length;
  await until(() => daemon.lines.length > before + 20);
  await at.kill();
  await at.restart();
  engine = at.engine;
  await until(() => daemon.text.includes("]: end\n"));
  const pattern = /^<134>\w{3} [ \d]\d [\d:]{8} talker\[\d+\]: line (\d+)$/;
  const numbers = daemon.lines.map((line) => Number(pattern.exec(line)?.[1]));
  expect(daemon.lines.at(-1)).toMatch(/^<131>.*: end$/);
  // Those of the last second before the engine was killed may come twice; what a dying daemon had taken is its own to lose.
  const got = new Set(numbers.slice(0, -1));
  expect([...got].toSorted((a, b) => a - b)).toEqual([...got]);
  expect(got.size).toBeGreaterThan(150);
  expect(await logs(engine, "talker")).toContain("line 300\n");
  await engine.containers.remove("talker", { force: true });
});

test("the last lines of a container that is removed at its end reach syslog, by UDP too", async () => {
  const udp = createSocket("udp4");
  const messages: string[] = [];
  udp.on("message", (message) => messages.push(message.toString()));
  await new Promise<void>((done) => udp.bind(0, "127.0.0.1", done));
  const address = `udp://127.0.0.1:${udp.address().port}`;
  const HostConfig = syslog({ "syslog-address": address, "syslog-format": "rfc5424", tag: "job" });
  const { id } = await run(engine, ["sh", "-c", "echo one; echo two >&2"], { HostConfig });
  await until(() => messages.length === 2);
  expect(messages.toSorted()[1]).toMatch(/^<30>1 [-\dT:]+Z \S+ job \d+ job - one$/);
  expect(messages.toSorted()[0]).toMatch(/^<27>1 .* job - two$/);
  udp.close();
  expect(await failure(engine.containers.inspect(id))).toMatchObject({ code: "not_found" });
});

test("syslog without a daemon on the host, and options it does not know, are refused", async () => {
  const create = (Config: Record<string, string>) =>
    failure(engine.containers.create({ Image: "busybox", HostConfig: syslog(Config) }));
  expect(await create({ "syslog-address": "unix:///nowhere/log" })).toMatchObject({
    message: "--log-driver syslog: no syslog daemon listens at /nowhere/log",
  });
  expect(await create({ "syslog-address": "udp://127.0.0.1:1", "syslog-colour": "red" })).toMatchObject({
    message: "unknown log opt 'syslog-colour' for syslog log driver",
  });
  expect(await create({ "syslog-address": "udp://127.0.0.1:1", tag: "{{.Bogus}}" })).toMatchObject({
    message: "invalid value for log opt tag: {{.Bogus}}",
  });
});
