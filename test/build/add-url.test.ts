import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { BuildHarness, outcomes, output, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;
let server: Server;
let host: string;
let content = "one\n";
/** What was asked for, and how it was answered. */
const requests: string[] = [];
const authorized: (string | undefined)[] = [];

beforeAll(async () => {
  harness = await BuildHarness.open();
  server = createServer((request, response) => {
    const etag = `"${createHash("sha256").update(content).digest("hex")}"`;
    const path = request.url ?? "";
    if (path === "/moved") response.writeHead(302, { location: "/file.txt" }).end();
    else if (path === "/short")
      response.writeHead(200, { "content-length": 100 }).write("half", () => response.destroy());
    else if (path === "/none") response.writeHead(404).end();
    else if (request.headers["if-none-match"] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag, "last-modified": "Thu, 01 Jan 2004 00:00:00 GMT" }).end(content);
    requests.push(`${path} ${response.statusCode}`);
    authorized.push(request.headers.authorization);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await harness[Symbol.asyncDispose]();
});

function build(text: string): Promise<Built> {
  requests.length = 0;
  return harness.build({ context: { kind: "empty" }, dockerfile: { text } });
}

function wasCached(built: Built, step: string): boolean | undefined {
  return [...outcomes(built.events)].find(([name]) => name.includes(step))?.[1].cached;
}

test("ADD of an address takes the file, its time and its name", async () => {
  const show = "RUN cat /d/file.txt; stat -c '%a %u %Y' /d/file.txt; stat -c '%a %u' /plain; ls /d";
  const text = `FROM busybox\nADD ${host}/file.txt /d/\nADD --chown=7 --chmod=640 ${host}/moved /plain\n${show}\n`;
  expect(output((await build(text)).events)).toBe("one\n600 0 1072915200\n640 7\nfile.txt\n");
});

test("ADD of an address is a hit until the file changes, and asks with its ETag", async () => {
  const text = `FROM busybox\nADD ${host}/file.txt /f\nRUN cat /f\n`;
  await build(text);
  const again = await build(text);
  expect(requests).toEqual(["/file.txt 304"]);
  expect(wasCached(again, "RUN cat")).toBe(true);
  content = "two\n";
  expect(output((await build(text)).events)).toBe("two\n");
  expect(requests).toEqual(["/file.txt 200"]);
});

test("ADD --checksum spares the question, and refuses another file", async () => {
  const checksum = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  const text = (sum: string): string =>
    `FROM busybox\nADD --checksum=${sum} ${host}/file.txt /g\nRUN cat /g\n`;
  expect(output((await build(text(checksum))).events)).toBe("two\n");
  await build(text(checksum));
  expect(requests).toEqual([]);
  const wrong = `sha256:${"0".repeat(64)}`;
  await expect(build(text(wrong))).rejects.toThrow(
    `Dockerfile:2: Cannot download "${host}/file.txt": digest mismatch`,
  );
  await expect(build(text("sha256:x"))).rejects.toThrow("Dockerfile:2: invalid checksum digest format");
});

test("ADD of an address shows the server the secrets that are named for it, and no other", async () => {
  const secret = (text: string): string => Buffer.from(text).toString("base64");
  const name = new URL(host).host;
  const from = async (secrets: Record<string, string>, path: string): Promise<(string | undefined)[]> => {
    authorized.length = 0;
    const text = `FROM busybox\nADD ${host}${path} /f\n`;
    await harness.build({ context: { kind: "empty" }, dockerfile: { text }, secrets });
    return authorized;
  };
  expect(await from({ [`HTTP_AUTH_TOKEN_${name}`]: secret("tok\n") }, "/token")).toEqual(["Bearer tok"]);
  const header = { [`HTTP_AUTH_HEADER_${name}`]: secret("Basic eDp5") };
  expect(await from(header, "/moved")).toEqual(["Basic eDp5", "Basic eDp5"]);
  expect(await from({ HTTP_AUTH_TOKEN_elsewhere: secret("x") }, "/other")).toEqual([undefined]);
});

test("ADD of an address goes through the proxy that the build's arguments name, which leaves no trace", async () => {
  const proxied: string[] = [];
  const proxy = createServer((request, response) => {
    proxied.push(request.url ?? "");
    response.writeHead(200).end("from the proxy\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = `http://user:word@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const text = "FROM busybox\nADD http://files.invalid/a /a\nRUN cat /a\n";
    const buildArgs = { HTTP_PROXY: address, NO_PROXY: "other.invalid" };
    const built = await harness.build({ context: { kind: "empty" }, dockerfile: { text }, buildArgs });
    expect(output(built.events)).toBe("from the proxy\n");
    expect(proxied).toEqual(["http://files.invalid/a"]);
    expect(JSON.stringify(built.config)).not.toContain("127.0.0.1");
    // Where no proxy may be used, the name is asked for, and there is none.
    const none = { ...buildArgs, NO_PROXY: ".invalid" };
    const refused: unknown = await harness
      .build({ context: { kind: "empty" }, dockerfile: { text }, buildArgs: none })
      .catch((error: unknown) => error);
    expect(String(refused)).toContain('Cannot download "http://files.invalid/a"');
  } finally {
    proxy.close();
  }
});

test("ADD of an address that fails names line, address and answer, not the password, and leaves nothing", async () => {
  const secret = host.replace("://", "://me:secret@");
  const failed = build(`FROM busybox\nADD ${secret}/none /f\n`);
  const shown = host.replace("://", "://xxxxx@");
  await expect(failed).rejects.toThrow(
    `Dockerfile:2: Cannot download "${shown}/none": invalid response status 404`,
  );
  await expect(build("FROM busybox\nADD http://127.0.0.1:1/x /f\n")).rejects.toThrow("Cannot download");
  await expect(build(`FROM busybox\nADD ${host}/short /f\n`)).rejects.toThrow("Cannot download");
  expect(readdirSync(join(harness.root, "builds"))).toEqual([]);
  expect(harness.mounts()).toEqual([]);
});
