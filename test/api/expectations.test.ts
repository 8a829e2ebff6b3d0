import { afterAll, beforeAll, expect, test } from "bun:test";
import { build, EngineProcess, makeBusybox, start } from "../engine/lab.ts";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { ask } from "./ask.ts";
import { OpenApi } from "./openapi.ts";
import { malformed } from "./expectations/bodies.ts";
import { containers } from "./expectations/containers.ts";
import { creation } from "./expectations/creation.ts";
import { execs } from "./expectations/execs.ts";
import type { Expectation } from "./expectations/expectation.ts";
import { images } from "./expectations/images.ts";
import { resources } from "./expectations/resources.ts";
import { system } from "./expectations/system.ts";

let lab: EngineProcess;

beforeAll(async () => {
  lab = await EngineProcess.start();
  const { engine } = lab;
  await makeBusybox(engine, lab.root);
  await engine.images.tag("busybox", "busybox:two");
  await build(engine, {
    context: { kind: "directory", path: join(lab.root, "../busybox") },
    tags: ["single:latest"],
    labels: { single: "" },
  });
  await engine.networks.create({ Name: "net" });
  await engine.volumes.create({ Name: "vol" });
  await start(engine, ["sleep", "1000"], { name: "up", HostConfig: { NetworkMode: "net" } });
  await start(engine, ["sleep", "1000"], { name: "held" });
  await start(engine, ["sleep", "1000"], { name: "single", Image: "single" });
  await engine.containers.pause("held");
  await engine.containers.create({
    name: "made",
    Image: "busybox",
    Cmd: ["true"],
    HostConfig: { Binds: ["vol:/v"] },
  });
  await start(engine, ["sh", "-c", "exit 3"], { name: "over" });
  await engine.containers.wait("over");
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

async function wrong({
  ask: what,
  body,
  type,
  status,
  words = "",
}: Expectation): Promise<string | undefined> {
  const [method = "", path = ""] = what.split(" ");
  const headers = type === undefined ? {} : { "Content-Type": type };
  const answer = await ask(lab.socket, method, path, { body, headers });
  const said =
    method === "HEAD"
      ? words
      : answer.status < 400 || answer.body === ""
        ? answer.body
        : message(answer.body);
  if (answer.status === status && said.includes(words)) return undefined;
  const sent = body === undefined ? "" : ` ${JSON.stringify(body)}`;
  return `${what}${sent}\n  wants ${status} ${words}\n  gets  ${answer.status} ${answer.body.trim()}`;
}

/** An error is a document with nothing but its message, and says so. */
function message(body: string): string {
  const { message: text, ...others } = JSON.parse(body) as { message: string };
  expect(others).toEqual({});
  return text;
}

test.each([
  ["bodies", malformed],
  ["creation", creation],
  ["containers", containers],
  ["execs", execs],
  ["images", images],
  ["networks and volumes", resources],
  ["the rest", system],
])("every error has Docker's status and words: %s", async (_what, expectations) => {
  const problems: string[] = [];
  for (const expectation of expectations) {
    const problem = await wrong(expectation);
    if (problem !== undefined) problems.push(problem);
  }
  expect(problems.join("\n")).toBe("");
});

const documents = [
  "/containers/json?all=1&size=1",
  "/containers/up/json?size=1",
  "/containers/held/json",
  "/containers/over/json",
  "/containers/up/top",
  "/containers/up/changes",
  "/containers/up/stats?stream=0&one-shot=1",
  "/images/json?all=1&digests=1",
  "/images/busybox/json",
  "/images/busybox/history",
  "/networks",
  "/networks/net",
  "/networks/bridge",
  "/volumes",
  "/volumes/vol",
  "/info",
  "/version",
  "/system/df",
  "/events?since=1&until=2",
  "/plugins",
];

test.each([
  [44, "v1.44.yaml"],
  [47, "v1.47.yaml"],
  [50, "swagger-v1.50.json"],
])("answers of version 1.%d are as its own document says", async (version, file) => {
  const api = new OpenApi(join(import.meta.dir, "../data/engine-api", file));
  const problems: string[] = [];
  for (const path of documents) {
    const { status, body } = await ask(lab.socket, "GET", `/v1.${version}${path}`);
    const operation = api.find("GET", path.split("?")[0] ?? "");
    if (operation === undefined) throw new Error(`${path} is not documented`);
    problems.push(...api.problems(operation, status, body).map((problem) => `${path} ${status}: ${problem}`));
    if (status !== 200) problems.push(`${path}: ${status} ${body}`);
  }
  expect(problems).toEqual([]);
});

const limit = Number(/Max open files +(\d+)/.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? 0);
if (limit < 4096) console.log(`skipped: 1,200 connections, with ${limit} open files at most`);

test.skipIf(limit < 4096)("1,000 idle and 200 streaming connections are served beside others", async () => {
  await start(lab.engine, ["sh", "-c", "while echo tick; do sleep 0.2; done"], { name: "talker" });
  const open: Socket[] = [];
  /** Resolves with its first words, or when `words` have come. */
  const connection = (request: string, words = "") =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ path: lab.socket });
      open.push(socket);
      socket.on("error", reject);
      socket.on("data", (data) => data.includes(words) && resolve());
      socket.write(`${request} HTTP/1.1\r\nHost: x\r\n\r\n`);
    });
  try {
    // By hundreds: how many may wait to be accepted is the machine's business (somaxconn).
    for (let round = 0; round < 10; round++)
      await Promise.all(Array.from({ length: 100 }, () => connection("GET /_ping")));
    const logs = "GET /containers/talker/logs?stdout=1&follow=1&tail=1";
    for (let round = 0; round < 2; round++)
      await Promise.all(Array.from({ length: 100 }, () => connection(logs, "tick")));
    expect((await ask(lab.socket, "GET", "/containers/json")).status).toBe(200);
  } finally {
    for (const socket of open) socket.destroy();
  }
});
