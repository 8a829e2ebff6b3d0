import { expect, test } from "bun:test";
import { isCode } from "../errors.ts";
import { formatAddress, parseHost } from "./address.ts";
import { jsonDocuments } from "./json-lines.ts";
import { statusError } from "./status-error.ts";
import { outputChunks } from "./stream-frames.ts";

async function* bytes(...parts: (string | Uint8Array)[]) {
  for (const part of parts) yield typeof part === "string" ? Buffer.from(part) : part;
}

async function rejection(stream: AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const _item of stream);
    return undefined;
  } catch (error) {
    return error;
  }
}

test.each([
  ["unix:///run/a.sock", { socketPath: "/run/a.sock" }],
  ["/run/a.sock", { socketPath: "/run/a.sock" }],
  ["tcp://10.0.0.1:2376", { host: "10.0.0.1", port: 2376 }],
  ["tcp://build.example", { host: "build.example", port: 2375 }],
  ["http://[::1]:80/", { host: "::1", port: 80 }],
])("parseHost(%p)", (host, address) => {
  expect(parseHost(host)).toEqual(address);
});

test.each([
  "",
  "unix://relative",
  "tcp://",
  "tcp://a:99999",
  "tcp://a b:1",
  "tcp://a:1/path",
  "ftp://x",
  "localhost:2375",
])("parseHost(%p) is refused", (host) => {
  expect(() => parseHost(host)).toThrow("Invalid engine host");
});

test("parseHost() names schemes that are not served yet", () => {
  expect(() => parseHost("ssh://a")).toThrow("not supported yet");
  expect(formatAddress(parseHost("tcp://a:1"))).toBe("tcp://a:1");
});

test("outputChunks() joins frames however they are cut", async () => {
  const frame = (stream: number, text: string) =>
    Buffer.concat([Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]);
  const wire = Buffer.concat([frame(1, "hello"), frame(2, "oops"), frame(1, ""), frame(1, "bye")]);
  for (let cut = 1; cut < wire.length; cut++) {
    const out = { stdout: "", stderr: "" };
    for await (const { stream, data } of outputChunks(
      bytes(wire.subarray(0, cut), wire.subarray(cut)),
      false,
    )) {
      out[stream] += Buffer.from(data).toString();
    }
    expect(out).toEqual({ stdout: "hellobye", stderr: "oops" });
  }
});

test("outputChunks() tells a cut stream and broken framing", async () => {
  expect(
    isCode(
      await rejection(outputChunks(bytes(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 9, 65)), false)),
      "data_loss",
    ),
  ).toBe(true);
  expect(isCode(await rejection(outputChunks(bytes("no frames here"), false)), "internal")).toBe(true);
});

test("jsonDocuments() splits lines across chunks and characters", async () => {
  const text = Buffer.from('{"a":"é"}\r\n\r\n{"b":1}\n{"c":2}');
  const seen: object[] = [];
  for await (const document of jsonDocuments(bytes(text.subarray(0, 7), text.subarray(7))))
    seen.push(document);
  expect(seen).toEqual([{ a: "é" }, { b: 1 }, { c: 2 }]);
  expect(isCode(await rejection(jsonDocuments(bytes("nonsense\n"))), "internal")).toBe(true);
});

test("statusError() prefers the code that our engine names", () => {
  expect(statusError(500, "data_loss", '{"message":"blob"}')).toMatchObject({
    code: "data_loss",
    message: "blob",
  });
  expect(statusError(409, null, '{"message":"taken"}')).toMatchObject({ code: "conflict", message: "taken" });
  expect(statusError(404, "nonsense", "page not found\n")).toMatchObject({
    code: "not_found",
    message: "page not found",
  });
  expect(statusError(304, null, "").code).toBe("not_modified");
  expect(statusError(502, null, "").message).toBe("engine answered 502");
});
