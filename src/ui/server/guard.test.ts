import { expect, test } from "bun:test";
import { checkCaller } from "./guard.ts";

function ask(headers: Record<string, string>, { method = "GET", path = "/api/v1.50/info" } = {}): string {
  try {
    checkCaller(new Request(`http://127.0.0.1:7070${path}`, { method, headers }), ["slip.example"]);
    return "let in";
  } catch (error) {
    return (error as Error).message;
  }
}

test("checkCaller() lets in addresses, localhost and the names it was given, on any port", () => {
  for (const host of ["127.0.0.1:7070", "localhost:9000", "[::1]:7070", "10.0.0.2", "Slip.Example:80"])
    expect(ask({ host })).toBe("let in");
});

test("checkCaller() refuses names that could be rebound to this machine", () => {
  for (const host of ["evil.example:7070", "127.0.0.1.evil.example", "localhost.evil.example", ""])
    expect(ask({ host })).toContain("is not this server's");
});

test("checkCaller() refuses other origins, another port of this host too", () => {
  const host = "127.0.0.1:7070";
  expect(ask({ host, origin: "http://127.0.0.1:7070" })).toBe("let in");
  for (const origin of ["http://127.0.0.1:8080", "http://evil.example", "null"])
    expect(ask({ host, origin })).toContain("are not allowed");
  expect(ask({ host, "sec-fetch-site": "same-site" })).toContain("from other sites");
  expect(ask({ host, "sec-fetch-site": "cross-site" })).toContain("from other sites");
  expect(ask({ host, "sec-fetch-site": "same-origin" })).toBe("let in");
});

test("checkCaller() wants the origin named of whatever may change something", () => {
  const host = "127.0.0.1:7070";
  expect(ask({ host }, { method: "POST" })).toContain("must name its origin");
  expect(ask({ host, upgrade: "websocket" })).toContain("must name its origin");
  expect(ask({ host, origin: `http://${host}` }, { method: "DELETE" })).toBe("let in");
});

test("checkCaller() lets a link from elsewhere lead to the page, and to nothing else", () => {
  const link = { host: "127.0.0.1:7070", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  expect(ask(link, { path: "/images" })).toBe("let in");
  expect(ask(link, { path: "/api/v1.50/containers/x/export" })).toContain("from other sites");
});
