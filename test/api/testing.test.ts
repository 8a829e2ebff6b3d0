/** `slipway/testing` and private engines: what a test suite relies on. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startEngine, type PrivateEngine } from "../../src/index.ts";
import { forExit, forHealthy, forHttp, forLogLine, forPort, startContainer } from "../../src/testing.ts";
import { makeBusybox, slipway } from "../engine/lab.ts";
import { until } from "../until.ts";

let engine: PrivateEngine;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "slipway-testing-"));
  engine = await startEngine({ command: slipway });
  await makeBusybox(engine, join(directory, "root"));
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  expect(existsSync(engine.root)).toBe(false);
  rmSync(directory, { recursive: true, force: true });
});

const serve = (before: string) => ({
  Image: "busybox",
  Cmd: [
    "sh",
    "-c",
    `mkdir -p /www; [ -e /www/index.html ] || echo hi >/www/index.html; ${before}; exec httpd -f -p 8080 -h /www`,
  ],
});

test("startContainer() waits for a port, an HTTP answer and a line, and hands over what a test needs", async () => {
  const wait = [forLogLine(/^re.dy$/), forPort(8080), forHttp("/"), forHttp("/none", { status: 404 })];
  await using web = await startContainer(engine, { ...serve("sleep 0.3; echo ready"), ports: [8080], wait });
  expect(await (await fetch(`http://${web.host}:${web.port(8080)}/`)).text()).toBe("hi\n");
  expect(await web.logs()).toBe("ready\n");
  const { exitCode, stdout, stderr } = await web.exec(["sh", "-c", "cat; echo bad >&2; exit 3"], {
    input: "in",
  });
  expect([exitCode, stdout, stderr]).toEqual([3, "in", "bad\n"]);
  expect(() => web.port(9)).toThrow("publishes no port 9/tcp");
});

test("startContainer() waits for health, and for the end of what ends", async () => {
  const Healthcheck = { Test: ["CMD", "test", "-e", "/up"], Interval: 100e6, Retries: 100 };
  const sleeper = {
    Image: "busybox",
    Cmd: ["sh", "-c", "sleep 0.3; touch /up; exec sleep 1000"],
    Healthcheck,
  };
  await using healthy = await startContainer(engine, { ...sleeper, wait: forHealthy() });
  expect((await engine.containers.inspect(healthy.id)).State.Health?.Status).toBe("healthy");
  await using job = await startContainer(engine, {
    Image: "busybox",
    Cmd: ["echo", "done"],
    wait: forExit(),
  });
  expect(await job.logs()).toBe("done\n");
});

test("startContainer() removes what does not get ready, and shows what it said", async () => {
  const Cmd = ["sh", "-c", "echo no such database; exit 1"];
  const failed = await startContainer(engine, { Image: "busybox", Cmd, wait: forExit() }).catch(String);
  expect(failed).toContain("ended with 1, not 0\nIt said last:\nno such database");
  const slow = { Image: "busybox", Cmd: ["sleep", "1000"], wait: forLogLine("never"), timeoutMs: 300 };
  expect(await startContainer(engine, slow).catch(String)).toContain("it was not ready after 300 ms");
  expect(await engine.containers.list({ all: true })).toEqual([]);
});

test("fork() gives each test a copy of what was seeded", async () => {
  await using seeded = await startContainer(engine, {
    ...serve("true"),
    ports: [8080],
    Volumes: { "/www": {} },
  });
  await seeded.exec(["sh", "-c", "echo seeded >/www/index.html"]);
  await using one = await seeded.fork();
  await using two = await seeded.fork();
  await one.exec(["sh", "-c", "echo changed >/www/index.html"]);
  const read = async (port: number) => await (await fetch(`http://127.0.0.1:${port}/`)).text();
  expect(await Promise.all([seeded, one, two].map((each) => read(each.port(8080))))).toEqual([
    "seeded\n",
    "changed\n",
    "seeded\n",
  ]);
});

test("a private engine and all that runs in it ends when its owner is killed", async () => {
  const script = `
    import { startEngine } from ${JSON.stringify(join(import.meta.dir, "../../src/index.ts"))};
    import { makeBusybox } from ${JSON.stringify(join(import.meta.dir, "../engine/lab.ts"))};
    const engine = await startEngine({ command: ${JSON.stringify(slipway)} });
    await makeBusybox(engine, process.argv[1] + "/owned/root");
    const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["sleep", "1000"] });
    await engine.containers.start(Id);
    console.log(engine.root, (await engine.containers.inspect(Id)).State.Pid);
    setInterval(() => {}, 1000);
  `;
  const owner = Bun.spawn([process.execPath, "-e", script, directory], { stdout: "pipe", stderr: "inherit" });
  const { value } = await owner.stdout.getReader().read();
  const [root = "", pid = ""] = Buffer.from(value ?? [])
    .toString()
    .trim()
    .split(" ");
  expect([existsSync(root), existsSync(`/proc/${pid}`)]).toEqual([true, true]);
  owner.kill("SIGKILL");
  await owner.exited;
  await until(() => !existsSync(`/proc/${pid}`) && !existsSync(dirname(root)), 40_000);
});
