import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { serveHttp, type HttpServer } from "../../src/platform/http-server.ts";
import { FilesystemDriver } from "../../src/registry/server/filesystem-driver.ts";
import { createRegistry } from "../../src/registry/server/registry.ts";
import { randomBlob } from "./blobs.ts";

/** A client that says what it is told to, and no more. */
class RawClient implements Disposable {
  readonly #socket: Socket;
  readonly closed: Promise<void>;
  heard = "";

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("data", (chunk) => (this.heard += chunk.toString()));
    this.#socket.on("error", () => {});
    this.closed = new Promise((resolve) => this.#socket.once("close", () => resolve()));
  }

  say(text: string | Uint8Array): void {
    this.#socket.write(text);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

async function open(stallMs: number): Promise<{ server: HttpServer; root: string } & AsyncDisposable> {
  const root = await mkdtemp(join(tmpdir(), "registry-"));
  const registry = createRegistry({ storage: new FilesystemDriver(root), stallMs });
  const server = await serveHttp({
    listen: { host: "127.0.0.1", port: 0 },
    handler: (request) => registry(request),
  });
  const dispose = async (): Promise<void> => {
    await server[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  };
  return { server, root, [Symbol.asyncDispose]: dispose };
}

const head = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nhost: registry.test\r\ncontent-length: ${length}\r\n\r\n`;

test("hundreds of clients that dribble keep nobody from the registry", async () => {
  await using at = await open(60_000);
  const port = at.server.port ?? 0;
  const clients = Array.from({ length: 300 }, () => new RawClient(port));
  try {
    for (const [index, client] of clients.entries())
      client.say(index % 2 === 0 ? "GET /v2/ HTTP/1.1\r\nx-a" : `${head("/v2/a/blobs/uploads/", 100)}abc`);
    for (let round = 0; round < 5; round += 1) {
      for (const client of clients) client.say("b");
      expect((await fetch(`${at.server.url}/v2/`)).status).toBe(200);
    }
  } finally {
    for (const client of clients) client[Symbol.dispose]();
  }
}, 30_000);

test("an upload that moves may take any time, one that stops is answered 408 and keeps what came", async () => {
  const stallMs = 2000;
  await using at = await open(stallMs);
  const { bytes, descriptor } = randomBlob(1000);
  using slow = new RawClient(at.server.port ?? 0);
  slow.say(head(`/v2/a/blobs/uploads/?digest=${descriptor.digest}`, bytes.length));
  const began = performance.now();
  for (let sent = 0; sent < 10; sent += 1) {
    slow.say(bytes.subarray(sent * 100, sent * 100 + 100));
    await Bun.sleep(stallMs / 8);
  }
  expect(performance.now() - began).toBeGreaterThan(stallMs);
  while (!slow.heard.includes("\r\n\r\n")) await Bun.sleep(10);
  expect(slow.heard).toStartWith("HTTP/1.1 201");
  const started = await fetch(`${at.server.url}/v2/a/blobs/uploads/`, { method: "POST" });
  const location = started.headers.get("location") ?? "";
  using silent = new RawClient(at.server.port ?? 0);
  silent.say(head(location, 1000).replace("POST", "PATCH"));
  silent.say(bytes.subarray(0, 400));
  await silent.closed;
  expect(silent.heard).toStartWith("HTTP/1.1 408");
  expect((await fetch(`${at.server.url}${location}`)).headers.get("range")).toBe("0-399");
}, 30_000);
