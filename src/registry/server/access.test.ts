import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { digestOf } from "../../oci/digest.ts";
import { parseScope } from "./access.ts";
import { hashBcrypt } from "../../platform/password.ts";
import { FixedAccounts, HtpasswdAccounts } from "./accounts.ts";
import { parseHtpasswd, setHtpasswd } from "./htpasswd.ts";
import { BasicAccess } from "./basic-access.ts";
import { signJwt, verifyJwt, type Claims } from "./jwt.ts";
import { accountsOnly, type Policy } from "./policy.ts";
import { refusal, TempRegistry } from "./testing/temp-registry.ts";
import { TokenAccess } from "./token-access.ts";
import { createTokenIssuer } from "./token-issuer.ts";

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});
const accounts = new FixedAccounts({ ann: "secret", bob: "hunter2" });
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const names = { issuer: "test issuer", service: "registry.test" };

async function tokenRegistry(policy: Policy) {
  const issuer = createTokenIssuer({ ...names, privateKey, accounts, policy });
  const access = new TokenAccess({ ...names, realm: "https://auth.test/token", publicKey });
  const registry = await TempRegistry.open({ access });
  const token = async (query: string, headers: Record<string, string> = {}) => {
    const answer = await issuer(new Request(`https://auth.test/token?${query}`, { headers }));
    return (await answer.json()) as { token: string; refresh_token?: string };
  };
  const call = async (method: string, path: string, bearer: string) =>
    await registry.call(method, path, { headers: { authorization: `Bearer ${bearer}` } });
  return { issuer, registry, token, call, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() };
}

test("BasicAccess lets accounts in and challenges the rest", async () => {
  const access = new BasicAccess({ accounts, policy: accountsOnly({ anonymousPull: false }) });
  await using registry = await TempRegistry.open({ access });
  const anonymous = await registry.call("GET", "/v2/");
  expect(anonymous.headers.get("www-authenticate")).toBe(`Basic realm="Registry"`);
  expect(await refusal(anonymous)).toBe("401 UNAUTHORIZED");
  expect((await registry.call("GET", "/v2/", { headers: basic("ann", "secret") })).status).toBe(200);
  for (const headers of [
    basic("ann", "wrong"),
    basic("eve", "secret"),
    basic("", ""),
    { authorization: "Basic !" },
  ])
    expect((await registry.call("POST", "/v2/a/blobs/uploads/", { headers })).status).toBe(401);
});

test("BasicAccess denies what the policy does not grant, mounting from a hidden repository included", async () => {
  const policy: Policy = (account, { name, actions }) => (name.startsWith(`${account}/`) ? actions : []);
  const access = new BasicAccess({ accounts, policy });
  await using registry = await TempRegistry.open({ access });
  const digest = digestOf("of ann");
  const path = `/v2/ann/app/blobs/uploads/?digest=${digest}`;
  const pushed = await registry.call("POST", path, { body: "of ann", headers: basic("ann", "secret") });
  expect(pushed.status).toBe(201);
  const bob = { headers: basic("bob", "hunter2") };
  expect(await refusal(await registry.call("GET", `/v2/ann/app/blobs/${digest}`, bob))).toBe("403 DENIED");
  const mount = `/v2/bob/app/blobs/uploads/?mount=${digest}&from=ann/app`;
  expect((await registry.call("POST", mount, bob)).status).toBe(202);
  expect((await registry.call("GET", `/v2/bob/app/blobs/${digest}`, bob)).status).toBe(404);
});

test("TokenAccess challenges as Docker Hub does", async () => {
  await using hub = await tokenRegistry(accountsOnly({ anonymousPull: true }));
  const answer = await hub.registry.call("GET", "/v2/library/nginx/manifests/latest");
  expect(answer.headers.get("www-authenticate")).toBe(
    `Bearer realm="https://auth.test/token",service="registry.test",scope="repository:library/nginx:pull"`,
  );
  expect(await refusal(answer)).toBe("401 UNAUTHORIZED");
});

test("a token opens what it was made out for and nothing else", async () => {
  await using hub = await tokenRegistry(accountsOnly({ anonymousPull: true }));
  const { token } = await hub.token("service=registry.test&scope=repository:library/nginx:pull,push");
  expect((await hub.call("GET", "/v2/library/nginx/manifests/latest", token)).status).toBe(404);
  const push = await hub.call("POST", "/v2/library/nginx/blobs/uploads/", token);
  expect(push.status).toBe(401);
  expect(push.headers.get("www-authenticate")).toContain(`error="insufficient_scope"`);
  expect((await hub.call("GET", "/v2/library/other/tags/list", token)).status).toBe(401);
  expect((await hub.call("GET", "/v2/", token)).status).toBe(200);
});

test("the issuer refuses wrong passwords and unknown services, and sells refresh tokens to logins", async () => {
  await using hub = await tokenRegistry(accountsOnly({ anonymousPull: false }));
  const get = (query: string, headers: Record<string, string>) =>
    hub.issuer(new Request(`https://auth.test/token?${query}`, { headers }));
  expect((await get("", basic("ann", "wrong"))).status).toBe(401);
  expect((await get("service=else", {})).status).toBe(400);
  const login = await hub.token("offline_token=true&account=ann", basic("ann", "secret"));
  const post = (refresh: string) =>
    hub.issuer(
      new Request("https://auth.test/token", {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "refresh_token",
          service: "registry.test",
          scope: "repository:a:push,pull",
          refresh_token: refresh,
        }),
      }),
    );
  const { access_token } = (await (await post(login.refresh_token ?? "")).json()) as { access_token: string };
  expect((await hub.call("POST", "/v2/a/blobs/uploads/", access_token)).status).toBe(202);
  expect((await post(login.token)).status).toBe(401);
  expect((await post("x.y.z")).status).toBe(401);
  expect((await hub.call("GET", "/v2/", login.refresh_token ?? "")).status).toBe(401);
});

test("verifyJwt() refuses tokens that are forged, stale or for someone else", () => {
  const now = 1_000_000;
  const claims: Claims = { iss: "i", sub: "", aud: "a", jti: "", iat: now, nbf: now, exp: now + 60 };
  const token = signJwt(claims, privateKey);
  const expected = { aud: "a", iss: "i", now };
  expect(verifyJwt(token, publicKey, expected)).toEqual(claims);
  expect(verifyJwt(token, publicKey, { ...expected, now: now + 200 })).toBeUndefined();
  expect(verifyJwt(token, publicKey, { ...expected, aud: "b" })).toBeUndefined();
  expect(verifyJwt(token, publicKey, { ...expected, iss: "b" })).toBeUndefined();
  const [head = "", body = "", signature = ""] = token.split(".");
  const none = Buffer.from(`{"alg":"none"}`).toString("base64url");
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: "root" })).toString("base64url");
  for (const text of [
    `${none}.${body}.`,
    `${none}.${body}.${signature}`,
    `${head}.${forged}.${signature}`,
    "",
    "a.b.c",
  ])
    expect(verifyJwt(text, publicKey, expected)).toBeUndefined();
});

test("HtpasswdAccounts verifies bcrypt and reads a changed file again", async () => {
  const directory = await mkdtemp(join(tmpdir(), "htpasswd-"));
  try {
    const path = join(directory, "htpasswd");
    const hash = (await Bun.password.hash("secret", { algorithm: "bcrypt", cost: 4 })).replace(
      "$2b$",
      "$2y$",
    );
    await writeFile(path, `# people\nann:${hash}\n`);
    const file = new HtpasswdAccounts(path);
    expect(await file.verify("ann", "secret")).toBe(true);
    expect(await file.verify("ann", "secret")).toBe(true);
    expect(await file.verify("ann", "wrong")).toBe(false);
    expect(await file.verify("bob", "secret")).toBe(false);
    await writeFile(path, `ann:${hash}\nbob:${hash}\n`);
    expect(await file.verify("bob", "secret")).toBe(true);
    await writeFile(path, setHtpasswd(await readFile(path, "utf8"), "ann", await hashBcrypt("other")));
    expect([await file.verify("ann", "secret"), await file.verify("ann", "other")]).toEqual([false, true]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("setHtpasswd() adds, changes and takes out one user, and no other line", () => {
  const text = setHtpasswd(setHtpasswd("# people\n", "ann", "1"), "bob", "2");
  expect(text).toBe("# people\nann:1\nbob:2\n");
  expect(setHtpasswd(text, "ann", "3")).toBe("# people\nann:3\nbob:2\n");
  expect(setHtpasswd(text, "ann", undefined)).toBe("# people\nbob:2\n");
  expect(setHtpasswd("ann:1", "eve", undefined)).toBe("ann:1\n");
  for (const wrong of ["", "a:b", "a\nb", "#a", " a"])
    expect(() => setHtpasswd(text, wrong, "1")).toThrow("Invalid");
});

test("parseHtpasswd() names the line of a hash it does not take", () => {
  expect(() => parseHtpasswd("ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=")).toThrow("Line 1 of the htpasswd file");
});

test("parseScope() reads scopes and refuses the rest", () => {
  expect(parseScope("repository:library/nginx:pull,push")).toEqual({
    type: "repository",
    name: "library/nginx",
    actions: ["pull", "push"],
  });
  expect(parseScope("repository:a:fly")?.actions).toEqual([]);
  for (const text of ["", "repository", "x:y:pull", "repository:a b:pull"])
    expect(parseScope(text)).toBeUndefined();
});
