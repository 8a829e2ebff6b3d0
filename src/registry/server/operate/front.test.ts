import { expect, test } from "bun:test";
import { clientAddress } from "./client-address.ts";
import { CrossOrigin } from "./cross-origin.ts";
import { Front } from "./front.ts";

const answer = (text: string) => async () => await Promise.resolve(new Response(text));
const call = async (front: Front, path: string, init: RequestInit = {}): Promise<Response> =>
  await front.handle(new Request(`http://registry${path}`, init), { address: "127.0.0.1" });

test("Front answers / without the registry, for browsers and load balancers", async () => {
  const front = new Front({ registry: answer("registry") });
  const response = await call(front, "/");
  expect([response.status, await response.text()]).toEqual([
    200,
    "slipway registry: its API is below /v2/\n",
  ]);
  expect(await (await call(front, "/v2/")).text()).toBe("registry");
});

test("Front lets the pages of known origins in, and answers a browser that asks first", async () => {
  const crossOrigin = new CrossOrigin(["https://ui.example.org"]);
  const front = new Front({ registry: answer("registry"), crossOrigin });
  const first = await call(front, "/v2/a/tags/list", {
    method: "OPTIONS",
    headers: {
      origin: "https://ui.example.org",
      "access-control-request-method": "DELETE",
      "access-control-request-headers": "authorization,accept",
    },
  });
  expect(first.status).toBe(204);
  expect(Object.fromEntries(first.headers)).toMatchObject({
    "access-control-allow-origin": "https://ui.example.org",
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "access-control-allow-headers": "authorization,accept",
  });
  const then = await call(front, "/v2/", { headers: { origin: "https://ui.example.org" } });
  expect(await then.text()).toBe("registry");
  expect(then.headers.get("access-control-allow-origin")).toBe("https://ui.example.org");
  expect(then.headers.get("access-control-expose-headers")).toContain("Docker-Content-Digest");
  const other = await call(front, "/v2/", { headers: { origin: "https://evil.example.org" } });
  expect(other.headers.get("access-control-allow-origin")).toBeNull();
  expect(other.headers.get("vary")).toBe("Origin");
});

test("CrossOrigin with * lets every page in, without credentials", () => {
  const response = new Response();
  new CrossOrigin(["*"]).mark(new Request("http://registry/", { headers: { origin: "null" } }), response);
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(response.headers.get("access-control-allow-credentials")).toBeNull();
});

test("clientAddress() believes what trusted proxies say of who came to them, and nobody else", () => {
  const address = clientAddress(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);
  const of = (peer: string, forwarded?: string): string | undefined =>
    address(peer, new Headers(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }));
  expect(of("127.0.0.1")).toBe("127.0.0.1");
  expect(of("127.0.0.1", "203.0.113.7")).toBe("203.0.113.7");
  expect(of("::ffff:127.0.0.1", "198.51.100.1, 203.0.113.7, 10.1.2.3")).toBe("203.0.113.7");
  expect(of("fd00::1", "[2001:db8::1]:4711")).toBe("2001:db8::1");
  expect(of("203.0.113.9", "1.2.3.4")).toBe("203.0.113.9");
  expect(of("127.0.0.1", "unknown")).toBe("127.0.0.1");
  expect(clientAddress([])("::1", new Headers({ "x-forwarded-for": "1.2.3.4" }))).toBe("::1");
});

test("clientAddress() refuses what is no address", () => {
  for (const wrong of ["localhost", "10.0.0.0/33", "10.0.0.0/", "::/129"])
    expect(() => clientAddress([wrong])).toThrow("is neither an address nor a network");
});
