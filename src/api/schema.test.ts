import { expect, test } from "bun:test";
import { isCode } from "../errors.ts";
import { parseJson, readJson } from "./json-body.ts";
import {
  flag,
  integer,
  listOf,
  mapOf,
  nullable,
  object,
  objectWith,
  text,
  unsupported,
  words,
} from "./schema.ts";
import { containerCreate } from "./schemas/container.ts";
import { authHeader, configHeader } from "./schemas/registry-auth.ts";

test("object() keeps known fields in any case and drops null and unknown ones", () => {
  const check = object({ Name: text, Count: integer, On: flag });
  expect(check({ name: "a", COUNT: 2, On: null, Other: 1 }, "")).toEqual({ Name: "a", Count: 2 });
});

test("checks name the field they refuse", () => {
  const check = object({ Host: object({ Env: listOf(text), Opts: mapOf(nullable(integer)) }) });
  expect(() => check({ Host: { Env: ["a", 1] } }, "")).toThrow('"Host.Env[1]" must be a string');
  expect(() => check({ Host: { Opts: { k: "v" } } }, "")).toThrow('"Host.Opts["k"]" must be a whole number');
  expect(() => check([], "")).toThrow("the body must be an object");
  expect(check({ Host: { Opts: { k: null } } }, "")).toEqual({ Host: { Opts: { k: null } } });
});

test("object() takes nothing for a prototype", () => {
  const parsed = parseJson('{"__proto__":{"Name":"x"},"Labels":{"__proto__":"y"}}');
  const checked = object({ Name: text, Labels: mapOf(text) })(parsed, "");
  expect(checked.Name).toBeUndefined();
  expect(Object.keys(checked.Labels ?? {})).toEqual(["__proto__"]);
});

test("objectWith() demands its fields", () => {
  expect(() => objectWith(["Name"], { Name: text })({}, "")).toThrow('"Name" must be set');
});

test("unsupported passes zero values alone", () => {
  for (const zero of [null, "", 0, false, [], {}, { a: 0 }]) expect(unsupported(zero, "x")).toBeUndefined();
  let thrown: unknown;
  try {
    containerCreate({ HostConfig: { Cgroup: "x" } }, "");
  } catch (error) {
    thrown = error;
  }
  expect(isCode(thrown, "not_implemented")).toBe(true);
});

test("words takes one word for a list", () => {
  expect(words("date", "Cmd")).toEqual(["date"]);
  expect(containerCreate({ Cmd: ["a", "b"], Entrypoint: "sh" }, "")).toEqual({
    Cmd: ["a", "b"],
    Entrypoint: ["sh"],
  });
});

test("parseJson() refuses depth before it parses", () => {
  expect(() => parseJson("[".repeat(100_000))).toThrow("nested");
  expect(parseJson(`{"a":"${"[".repeat(1000)}\\"["}`)).toEqual({ a: `${"[".repeat(1000)}"[` });
  expect(() => parseJson("{")).toThrow("unexpected EOF");
  expect(parseJson("  ")).toBeUndefined();
});

test("readJson() refuses more than 4 MiB", async () => {
  async function* large() {
    for (let sent = 0; sent < 100; sent++) yield new Uint8Array(65536).fill(32);
  }
  const error = await readJson({
    headers: new Map([["content-type", "application/json"]]),
    body: large(),
  }).catch((reason: unknown) => reason);
  expect(isCode(error, "invalid_argument")).toBe(true);
});

test("authHeader() and configHeader() decode credentials and name none in errors", () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  expect(authHeader(encode({ username: "u", password: "p" }))).toEqual({ username: "u", password: "p" });
  expect(authHeader(Buffer.from('{"username":"ü?>"}').toString("base64"))).toEqual({ username: "ü?>" });
  expect(authHeader(encode({}))).toBeUndefined();
  expect(authHeader(undefined)).toBeUndefined();
  expect(configHeader(encode({ "r:5000": { password: "p" } }))).toEqual({ "r:5000": { password: "p" } });
  expect(() => authHeader(encode({ password: ["secret"] }))).toThrow(
    /^Invalid X-Registry-Auth header: not base64/,
  );
});

test("readJson() refuses a body that does not come to its end in time", async () => {
  async function* stuck() {
    yield Buffer.from("{");
    await new Promise(() => undefined);
  }
  const request = { headers: new Map(), body: stuck() };
  await expect(readJson(request, 20)).rejects.toThrow("Bad request body: it takes longer than 0.02 seconds");
});
