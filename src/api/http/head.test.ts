import { expect, test } from "bun:test";
import { isCode } from "../../errors.ts";
import { parseHead } from "./head.ts";

const head = (...lines: string[]) => parseHead(["GET /a/b?x=1 HTTP/1.1", "Host: e", ...lines].join("\r\n"));

test("parseHead() splits target, fields and framing", () => {
  expect(head("Content-Length: 12", "X-A: 1", "x-a:  2  ")).toMatchObject({
    method: "GET",
    path: "/a/b",
    query: "x=1",
    framing: { kind: "length", length: 12 },
    keepAlive: true,
    expectsContinue: false,
    upgrade: undefined,
  });
  expect(head("X-A: 1", "x-a:  2  ").headers.get("x-a")).toBe("1, 2");
  expect(head("Transfer-Encoding: chunked").framing).toEqual({ kind: "chunked" });
});

test("parseHead() reads connection options", () => {
  expect(head("Connection: close").keepAlive).toBe(false);
  expect(head("Connection: keep-alive, Upgrade", "Upgrade: tcp").upgrade).toBe("tcp");
  expect(head("Upgrade: tcp").upgrade).toBeUndefined();
  expect(head("Expect: 100-continue").expectsContinue).toBe(true);
  expect(parseHead("GET / HTTP/1.0").keepAlive).toBe(false);
  expect(parseHead("GET http://e:1/x?y HTTP/1.0")).toMatchObject({ path: "/x", query: "y" });
});

test.each([
  ["", "no request line"],
  ["GET / HTTP/2.0\r\nHost: e", "another major version"],
  ["GET  / HTTP/1.1\r\nHost: e", "two spaces"],
  ["GET / HTTP/1.1", "no host"],
  ["GET / HTTP/1.1\r\nHost: a\r\nHost: b", "two hosts"],
  ["GET x HTTP/1.1\r\nHost: e", "a target that is no path"],
  ["GE(T / HTTP/1.1\r\nHost: e", "a method that is no token"],
  ["GET / HTTP/1.1\r\nHost: e\r\nX : 1", "space before the colon"],
  ["GET / HTTP/1.1\r\nHost: e\r\n folded", "a folded line"],
  ["GET / HTTP/1.1\r\nHost: e\r\nX: a\nb", "a bare line feed"],
  ["GET / HTTP/1.1\r\nHost: e\r\nX: a\0b", "a NUL"],
  ["GET / HTTP/1.1\r\nHost: e\r\nContent-Length: 1\r\nTransfer-Encoding: chunked", "both framings"],
  ["GET / HTTP/1.1\r\nHost: e\r\nContent-Length: 1\r\nContent-Length: 1", "two lengths"],
  ["GET / HTTP/1.1\r\nHost: e\r\nContent-Length: 1, 1", "a list of lengths"],
  ["GET / HTTP/1.1\r\nHost: e\r\nContent-Length: +1", "a signed length"],
  ["GET / HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: gzip, chunked", "another encoding"],
  ["GET / HTTP/1.0\r\nTransfer-Encoding: chunked", "chunked in HTTP/1.0"],
  ["GET / HTTP/1.1\r\nHost: e\r\nExpect: tea", "another expectation"],
  [`GET / HTTP/1.1\r\nHost: e\r\n${"X: 1\r\n".repeat(300)}Y: 1`, "too many fields"],
])("parseHead() refuses %p (%s)", (text) => {
  let thrown: unknown;
  try {
    parseHead(text);
  } catch (error) {
    thrown = error;
  }
  expect(isCode(thrown, "invalid_argument")).toBe(true);
});
