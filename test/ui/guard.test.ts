/** What stands between a browser and the engine, asked as an attacker would. No browser is needed. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { connectTo } from "../../src/client/connect.ts";
import { Lab } from "../cli/lab.ts";
import { UiProcess } from "./browser.ts";

let lab: Lab;
let ui: UiProcess;
let readOnly: UiProcess;
let cookie: string;
let readCookie: string;

beforeAll(async () => {
  lab = await Lab.open();
  ui = await UiProcess.start(lab);
  readOnly = await UiProcess.start(lab, "--read-only");
  [cookie, readCookie] = [await enter(ui.link), await enter(readOnly.link)];
}, 120_000);
afterAll(async () => {
  await readOnly?.[Symbol.asyncDispose]();
  await ui?.[Symbol.asyncDispose]();
  await lab?.[Symbol.asyncDispose]();
}, 60_000);

async function enter(link: string): Promise<string> {
  const answer = await fetch(link, { redirect: "manual" });
  expect(answer.status).toBe(303);
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

/** The status of a request with exactly these fields; `fetch` would not send a foreign Host. */
async function status(server: UiProcess, request: string, ...fields: string[]): Promise<number> {
  const { hostname, port, host } = new URL(server.origin);
  const given = fields.some((field) => /^host:/i.test(field)) ? fields : [`Host: ${host}`, ...fields];
  const text = await new Promise<string>((resolve, reject) => {
    let said = "";
    const socket = connect(Number(port), hostname);
    socket.on("data", (chunk) => (said += chunk.toString()));
    socket.on("error", reject);
    socket.on("close", () => resolve(said));
    socket.write(
      `${request} HTTP/1.1\r\n${given.join("\r\n")}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
  });
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

const list = "GET /api/v1.50/containers/json";

test("nothing is told without a session, and a link opens one once", async () => {
  expect(await status(ui, list)).toBe(401);
  expect(await status(ui, "GET /")).toBe(401);
  expect(await status(ui, "GET /containers/x")).toBe(401);
  expect(await status(ui, list, `Cookie: ${cookie}`)).toBe(200);
  const second = await fetch(ui.link, { redirect: "manual" });
  expect(second.status).toBe(401);
  expect(second.headers.get("set-cookie")).toBeNull();
  expect(await status(readOnly, list, `Cookie: ${cookie}`)).toBe(401);
});

test("a foreign Host is refused, also with the session's cookie", async () => {
  for (const host of ["evil.example", "127.0.0.1.evil.example:80", "slipway.internal"])
    expect(await status(ui, list, `Host: ${host}`, `Cookie: ${cookie}`)).toBe(403);
});

test("a foreign Origin is refused, also one of another port of this host, for calls and for web sockets", async () => {
  const socket = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  for (const origin of ["http://evil.example", "http://127.0.0.1:1", "null"]) {
    const fields = [`Origin: ${origin}`, `Cookie: ${cookie}`];
    expect(await status(ui, list, ...fields)).toBe(403);
    expect(await status(ui, "POST /api/v1.50/containers/prune", ...fields)).toBe(403);
    expect(await status(ui, "GET /ws/get?path=/events", ...fields, ...socket, key)).toBe(403);
  }
  expect(await status(ui, "POST /api/v1.50/containers/prune", `Cookie: ${cookie}`)).toBe(403);
  expect(await status(ui, list, `Cookie: ${cookie}`, "Sec-Fetch-Site: same-site")).toBe(403);
});

test("the page lets nothing in from elsewhere, and no answer of the engine can become a page", async () => {
  const page = await fetch(`${ui.origin}/`, { headers: { cookie } });
  const policy = page.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain("unsafe");
  expect(page.headers.get("x-frame-options")).toBe("DENY");
  const answer = await fetch(`${ui.origin}/api/v1.50/info`, { headers: { cookie } });
  expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

test("--read-only is held by the server, whatever is asked", async () => {
  const own = [`Origin: ${readOnly.origin}`, `Cookie: ${readCookie}`];
  expect(await status(readOnly, list, ...own)).toBe(200);
  for (const method of ["POST", "PUT", "DELETE", "PATCH"])
    expect(await status(readOnly, `${method} /api/v1.50/containers/create`, ...own)).toBe(403);
  const socket = [
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  const terminal = "GET /ws/exec?container=x&command=%5B%22sh%22%5D";
  expect(await status(readOnly, terminal, ...own, ...socket)).toBe(403);
  expect(await status(readOnly, "GET /ws/attach?container=x", ...own, ...socket)).toBe(403);
  const engine = connectTo({ socketPath: lab.env["SLIPWAY_SOCKET"] ?? "" });
  expect(await engine.containers.list({ all: true })).toEqual([]);
});

test("the first load is below 150 KB, the terminal and the charts not in it", async () => {
  const html = await (await fetch(`${ui.origin}/`, { headers: { cookie } })).text();
  const files = [...html.matchAll(/\/assets\/[\w.-]+/g)].map(([path]) => path);
  let total = html.length;
  for (const path of new Set(files)) {
    const answer = await fetch(ui.origin + path, {
      headers: { "accept-encoding": "gzip" },
      decompress: false,
    } as RequestInit);
    total += (await answer.arrayBuffer()).byteLength;
  }
  console.log(`first load: ${(total / 1000).toFixed(0)} kB in ${new Set(files).size + 1} files`);
  expect(total).toBeLessThan(150_000);
});
