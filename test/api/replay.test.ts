import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HttpServer } from "../../src/api/http/listen.ts";
import { serveEngine } from "../../src/api/serve-engine.ts";
import { memoryEngine, type MemoryEngine } from "../fixtures/memory-engine/engine.ts";
import { OpenApi } from "./openapi.ts";

interface Recorded {
  readonly cmd: string;
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly query: Record<string, string | string[]>;
    readonly headers: Record<string, string>;
    readonly body?: unknown;
    readonly bodyBytes?: boolean;
  }[];
}
type Request = Recorded["requests"][number];

const data = join(import.meta.dir, "../data");
const api = new OpenApi(join(data, "engine-api/swagger-v1.50.json"));
const recorded = (await Bun.file(join(data, "docker-cli/requests.json")).json()) as Recorded[];
let directory: string;
let socket: string;
let server: HttpServer;
let engine: MemoryEngine;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-replay-"));
  socket = join(directory, "engine.sock");
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** Every command meets the same world: an image, a running container, a network and a volume. */
async function freshWorld(): Promise<void> {
  engine = memoryEngine();
  server = await serveEngine(engine, { address: { path: socket }, version: "0.1.0" });
  for await (const _line of engine.images.pull("img"));
  const { Id } = await engine.containers.create({ name: "c1", Image: "img", Cmd: ["sleep"] });
  await engine.containers.start(Id);
  await engine.networks.create({ Name: "n1" });
  await engine.volumes.create({ Name: "v1" });
}

/** The recorder answered every create with the same ID. */
const recordedID = /a{32,64}/;

function target({ path, query }: Request): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, one);
  }
  return params.size === 0 ? path : `${path}?${params}`;
}

/** Sends it as it was recorded; streams that never end by themselves are left after their head. */
async function send(request: Request): Promise<{ status: number; body: string }> {
  const payload =
    request.bodyBytes === true ? "tar" : request.body === undefined ? "" : JSON.stringify(request.body);
  const fields = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const client = connect({ path: socket, allowHalfOpen: true });
  const close = request.headers["connection"] === undefined ? "Connection: close\r\n" : "";
  client.write(
    `${request.method} ${target(request)} HTTP/1.1\r\nHost: x\r\n${close}${fields.join("")}` +
      `Content-Length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`,
  );
  const endless = /\/(wait|events|attach|logs)$/.test(request.path);
  const parts: Buffer[] = [];
  for await (const chunk of client) {
    parts.push(chunk as Buffer);
    const text = Buffer.concat(parts).toString();
    if ((endless && text.includes("\r\n\r\n")) || text.startsWith("HTTP/1.1 4")) break;
  }
  client.destroy();
  return parseAnswer(Buffer.concat(parts).toString());
}

function parseAnswer(text: string): { status: number; body: string } {
  const end = text.indexOf("\r\n\r\n");
  const head = text.slice(0, end).toLowerCase();
  const body = text.slice(end + 4);
  const status = Number(head.slice(9, 12));
  if (status === 101) return { status, body: "" };
  return { status, body: head.includes("chunked") ? "" : body };
}

test("every request of the docker client is answered as the document says", async () => {
  const problems: string[] = [];
  const statuses = new Map<number, number>();
  for (const { cmd, requests } of recorded) {
    await freshWorld();
    try {
      let created = "c1";
      for (const asked of requests) {
        const request = { ...asked, path: asked.path.replace(recordedID, created) };
        const { status, body } = await send(request);
        created = /"Id":"(\w+)"/.exec(body)?.[1] ?? created;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const operation = api.find(request.method, request.path.replace(/^\/v1\.\d+/, ""));
        const wrong = operation === undefined ? ["no such operation"] : api.problems(operation, status, body);
        if (status === 500 || body.includes("page not found")) wrong.push(`${status} ${body}`);
        problems.push(
          ...wrong.map((what) => `${cmd}: ${request.method} ${target(request)} → ${status}: ${what}`),
        );
      }
    } finally {
      await server[Symbol.asyncDispose]();
    }
  }
  expect(problems).toEqual([]);
  expect(statuses.get(400)).toBeUndefined();
}, 30_000);

test("every operation outside of swarm and plugins has a route, and the others are refused in Docker's way", async () => {
  await freshWorld();
  try {
    const missing: string[] = [];
    for (const { method, template } of api.operations) {
      const path = `/v1.50${template.replaceAll(/\{\w+\}/g, "zz")}`;
      const { status, body } = await send({ method, path, query: { limit: "1", until: "1" }, headers: {} });
      if (body.includes("page not found") || status === 500)
        missing.push(`${method} ${template}: ${status} ${body}`);
    }
    expect(missing).toEqual([]);
  } finally {
    await server[Symbol.asyncDispose]();
  }
});
