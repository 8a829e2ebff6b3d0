import { expect, test } from "bun:test";
import { hostOf, loginHeaders } from "./login-headers.ts";

const logins = loginHeaders(async (host) =>
  host === "r.example" ? { username: "me", password: "x" } : undefined,
);

async function added(method: string, path: string, headers: Record<string, string> = {}) {
  const found = await logins(new Request(`http://127.0.0.1${path}`, { method, headers }));
  return Object.entries(found).map(([name, value]) => [
    name,
    JSON.parse(Buffer.from(value, "base64url").toString()) as unknown,
  ]);
}

test("hostOf() finds the registry in a name", () => {
  expect(["nginx", "me/app", "localhost/app", "r.example/app:1", "docker://r:5/a"].map(hostOf)).toEqual([
    "docker.io",
    "docker.io",
    "localhost",
    "r.example",
    "r:5",
  ]);
});

test("loginHeaders() gives transfers and looks into registries the login of their host", async () => {
  const login = { username: "me", password: "x" };
  const auth = [["X-Registry-Auth", login]];
  const config = [["X-Registry-Config", { "r.example": login }]];
  expect(await added("POST", "/api/v1.50/images/create?fromImage=r.example/app&tag=1")).toEqual(auth);
  expect(await added("POST", "/api/v1.50/images/r.example/app/push?tag=1")).toEqual(auth);
  expect(await added("GET", "/api/slipway/v1/images/manifest?name=docker://r.example/app")).toEqual(config);
  expect(await added("GET", "/api/slipway/v1/registry/tags?name=r.example/app")).toEqual(config);
});

test("loginHeaders() adds nothing to other calls, for other hosts, and beside a login of the page", async () => {
  expect(await added("GET", "/api/v1.50/images/r.example/app/json")).toEqual([]);
  expect(await added("POST", "/api/v1.50/images/create?fromImage=nginx")).toEqual([]);
  const own = { "x-registry-auth": "e30" };
  expect(await added("POST", "/api/v1.50/images/r.example/app/push", own)).toEqual([]);
});
