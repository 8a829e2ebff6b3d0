import { expect, test } from "bun:test";
import { SlipwayError, type ErrorCode } from "../errors.ts";
import type { HttpRequest } from "./http/message.ts";
import { json } from "./reply.ts";
import type { Route } from "./route.ts";
import { createRouter } from "./router.ts";

const echo = (method: Route["method"], pattern: string): Route => ({
  method,
  pattern,
  handle: ({ params, apiVersion }) => json({ pattern, params, apiVersion }),
});

async function ask(
  routes: readonly Route[],
  method: string,
  path: string,
): Promise<{ status: number; body: string }> {
  const request: HttpRequest = {
    method,
    path,
    query: new URLSearchParams(),
    headers: new Map(),
    body: (async function* () {})(),
    signal: new AbortController().signal,
    allowHalfClose: () => {},
  };
  const reply = await createRouter(routes, { Server: "x" })(request);
  if (reply.kind !== "response") throw new Error("hijacked");
  expect(reply.headers?.["Server"]).toBe("x");
  return { status: reply.status, body: String(reply.body ?? "") };
}

const routes = [
  echo("GET", "/images/json"),
  echo("GET", "/images/{name*}/json"),
  echo("GET", "/networks/{name}"),
];

test("createRouter() takes names with slashes and percent-encoding", async () => {
  const { body } = await ask(routes, "GET", "/v1.41/images/localhost%3A5000/a/b:v1/json");
  expect(JSON.parse(body)).toEqual({
    pattern: "/images/{name*}/json",
    params: { name: "localhost:5000/a/b:v1" },
    apiVersion: 41,
  });
  expect(JSON.parse((await ask(routes, "GET", "/images/json")).body)).toMatchObject({
    pattern: "/images/json",
    apiVersion: 50,
  });
  expect((await ask(routes, "GET", "/networks/a/b")).status).toBe(404);
  expect((await ask(routes, "POST", "/images/json")).status).toBe(404);
  expect((await ask(routes, "GET", "/%zz")).status).toBe(400);
});

test("createRouter() refuses versions out of range in Docker's words", async () => {
  expect(await ask(routes, "GET", "/v1.51/images/json")).toEqual({
    status: 400,
    body: '{"message":"client version 1.51 is too new. Maximum supported API version is 1.50"}\n',
  });
  expect((await ask(routes, "GET", "/v1.23/images/json")).body).toContain("client version 1.23 is too old");
  expect((await ask(routes, "GET", "/v2.0/images/json")).status).toBe(400);
  expect((await ask(routes, "GET", "/v1.24/images/json")).status).toBe(200);
});

test.each<[ErrorCode, number]>([
  ["invalid_argument", 400],
  ["unauthorized", 401],
  ["forbidden", 403],
  ["not_found", 404],
  ["conflict", 409],
  ["not_implemented", 501],
  ["unavailable", 500],
  ["data_loss", 500],
  ["not_modified", 304],
])("createRouter() answers %s with %d", async (code, status) => {
  const failing: Route = {
    method: "GET",
    pattern: "/x",
    handle: () => {
      throw new SlipwayError(code, "why");
    },
  };
  const body = code === "not_modified" ? "" : '{"message":"why"}\n';
  expect(await ask([failing], "GET", "/x")).toEqual({ status, body });
});
