import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCode } from "../../errors.ts";
import { listenHttp, type HttpServer } from "./listen.ts";
import type { HttpReply, HttpRequest } from "./message.ts";

let directory: string;
let path: string;
let server: HttpServer;
const gone: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-http-"));
  path = join(directory, "s.sock");
  server = await listenHttp({ address: { path }, handler, headTimeoutMs: 150 });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function handler(request: HttpRequest): Promise<HttpReply> {
  if (request.path === "/hijack") return hijack(request);
  if (request.path === "/ignore") return { kind: "response", status: 200, body: "ignored" };
  if (request.path === "/slow") return { kind: "response", status: 200, body: slowly() };
  if (request.path === "/flood") return { kind: "response", status: 200, body: flood() };
  if (request.path === "/gone") {
    await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
    gone.push(request.path);
    return { kind: "response", status: 200 };
  }
  return await echo(request);
}

async function echo(request: HttpRequest): Promise<HttpReply> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of request.body) parts.push(part);
  } catch (error) {
    return { kind: "response", status: 400, body: String(error) };
  }
  return { kind: "response", status: 200, body: `${request.method} ${request.path} ${Buffer.concat(parts)}` };
}

function hijack(request: HttpRequest): HttpReply {
  request.allowHalfClose();
  return {
    kind: "hijack",
    contentType: "x/y",
    run: async ({ input, write }) => {
      for await (const chunk of input) await write(chunk);
      await write(Buffer.from("|bye"));
    },
  };
}

async function* slowly() {
  yield Buffer.from("one");
  await Bun.sleep(50);
  yield Buffer.from("two");
}

let produced = 0;
async function* flood() {
  for (; produced < 10_000; produced++) yield new Uint8Array(65536);
}

function open(): Socket {
  return connect({ path, allowHalfOpen: true });
}

/** What comes back until the server ends its direction. */
async function talk(text: string | readonly string[], half = false): Promise<string> {
  const client = open();
  client.on("error", () => {});
  for (const part of typeof text === "string" ? [text] : text) {
    client.write(part, "latin1");
    await Bun.sleep(5);
  }
  if (half) client.end();
  const parts: Uint8Array[] = [];
  for await (const part of client) parts.push(part as Uint8Array);
  client.destroy();
  return Buffer.concat(parts).toString();
}

test("server answers several requests on one connection, in order", async () => {
  const text = await talk(
    "POST /a HTTP/1.1\r\nHost: e\r\nContent-Length: 3\r\n\r\nabc" +
      "POST /b HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nde\r\n1\r\nf\r\n0\r\nT: 1\r\n\r\n" +
      "GET /c HTTP/1.1\r\nHost: e\r\nConnection: close\r\n\r\n",
  );
  expect(text.match(/(?:POST|GET) .*/g)?.map((line) => line.replace(/HTTP.*/, ""))).toEqual([
    "POST /a abc",
    "POST /b def",
    "GET /c ",
  ]);
});

test("server takes a request byte by byte", async () => {
  const request =
    "POST /a HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  const client = open();
  for (const byte of request) client.write(byte);
  const parts: Uint8Array[] = [];
  for await (const part of client) parts.push(part as Uint8Array);
  expect(Buffer.concat(parts).toString()).toEndWith("POST /a abc");
});

test("server skips a body its handler left unread", async () => {
  const text = await talk(
    `POST /ignore HTTP/1.1\r\nHost: e\r\nContent-Length: 1000\r\n\r\n${"x".repeat(1000)}` +
      "GET /next HTTP/1.1\r\nHost: e\r\nConnection: close\r\n\r\n",
  );
  expect(text).toContain("ignored");
  expect(text).toContain("GET /next");
});

test("server does not wait for the rest of a body that its handler left unread", async () => {
  const text = await talk("POST /ignore HTTP/1.1\r\nHost: e\r\nContent-Length: 1000\r\n\r\nx");
  expect(text).toEndWith("ignored");
});

test("server sends 100 Continue only when the body is wanted", async () => {
  const expecting = (target: string) =>
    `POST ${target} HTTP/1.1\r\nHost: e\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n`;
  expect(await talk([expecting("/a"), "hi"])).toStartWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK");
  expect(await talk(expecting("/ignore"), true)).toStartWith("HTTP/1.1 200 OK");
});

test("server sends each chunk of a stream when it comes", async () => {
  const client = open();
  client.write("GET /slow HTTP/1.1\r\nHost: e\r\n\r\n");
  const parts: string[] = [];
  for await (const part of client) {
    parts.push(String(part));
    if (parts.join("").includes("0\r\n\r\n")) break;
  }
  client.destroy();
  expect(parts.length).toBeGreaterThan(1);
  expect(parts[0]).not.toContain("two");
  expect(parts.join("")).toEndWith("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
});

test("server ends a stream with the connection for HTTP/1.0", async () => {
  expect(await talk("GET /slow HTTP/1.0\r\n\r\n")).toEndWith("\r\n\r\nonetwo");
});

test("server does not produce what a client does not read", async () => {
  const client = open();
  client.pause();
  client.write("GET /flood HTTP/1.1\r\nHost: e\r\n\r\n");
  await Bun.sleep(150);
  expect(produced).toBeLessThan(1000);
  client.destroy();
});

test.each([
  [
    "with Upgrade",
    "POST /hijack HTTP/1.1\r\nHost: e\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}in",
    "HTTP/1.1 101 UPGRADED\r\n",
  ],
  ["without Upgrade", "POST /hijack HTTP/1.1\r\nHost: e\r\n\r\nin", "HTTP/1.1 200 OK\r\n"],
])("server hijacks %s and half-closes each way", async (_name, request, status) => {
  const text = await talk([request, "put"], true);
  expect(text).toStartWith(status);
  expect(text).toEndWith("\r\n\r\ninput|bye");
});

test("server tells a handler that its client is gone", async () => {
  const client = open();
  client.write("GET /gone HTTP/1.1\r\nHost: e\r\n\r\n");
  await Bun.sleep(30);
  client.destroy();
  await Bun.sleep(50);
  expect(gone).toEqual(["/gone"]);
});

test("server refuses malformed requests with 400 and large heads with 431", async () => {
  expect(await talk("GET / HTTP/1.1\r\n\r\n")).toStartWith("HTTP/1.1 400 Bad Request\r\n");
  expect(await talk(`GET / HTTP/1.1\r\nHost: e\r\nX: ${"a".repeat(70_000)}`)).toStartWith("HTTP/1.1 431 ");
  const badChunk = "POST /a HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
  expect(await talk(badChunk, true)).toStartWith("HTTP/1.1 400 ");
});

test("server drops a client that is slow with its head, not one that is idle", async () => {
  const started = performance.now();
  expect(await talk("GET / HTTP/1.1\r\nHos")).toBe("");
  expect(performance.now() - started).toBeLessThan(1000);
  expect(await Promise.race([talk(""), Bun.sleep(250).then(() => "idle")])).toBe("idle");
});

test("listenHttp() makes the socket 0660, replaces a dead one and refuses a live one", async () => {
  expect((await stat(path)).mode & 0o777).toBe(0o660);
  const dead = join(directory, "dead.sock");
  await writeFile(dead, "");
  await using _second = await listenHttp({ address: { path: dead }, handler });
  const error = await listenHttp({ address: { path }, handler }).catch((reason: unknown) => reason);
  expect(isCode(error, "conflict")).toBe(true);
});

test("listenHttp() serves TCP when asked and stops when disposed", async () => {
  const tcp = await listenHttp({ address: { host: "127.0.0.1", port: 0 }, handler });
  const url = `http://127.0.0.1:${tcp.port}/x`;
  expect(await (await fetch(url)).text()).toBe("GET /x ");
  await tcp[Symbol.asyncDispose]();
  await tcp[Symbol.asyncDispose]();
  expect(await fetch(url).catch(() => "refused")).toBe("refused");
});
