import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "bun:test";
import { digestOf } from "../../../oci/digest.ts";
import { mediaTypes } from "../../../oci/media-types.ts";
import { serveHttp } from "../../../platform/http-server.ts";
import { FilesystemDriver } from "../filesystem-driver.ts";
import { verifyJwt } from "../jwt.ts";
import { createRegistry } from "../registry.ts";
import { refusal, TempRegistry } from "../testing/temp-registry.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { rightsPolicy } from "./rights.ts";
import { Webhooks, type RegistryEvent } from "./webhooks.ts";

test("immutable tags neither change nor go, and a push of the same again is taken", async () => {
  const rules = [{ repositories: "team/*", immutableTags: "v*" }];
  await using registry = await TempRegistry.open({ rules });
  const { digest, bytes } = await registry.image("team/app", "v1");
  expect((await registry.manifest("team/app", "v1", bytes)).status).toBe(201);
  const other = await registry.image("team/app", "v1", { annotations: { a: "b" } });
  expect(await refusal(other.answer)).toBe("409 DENIED");
  for (const reference of ["v1", digest])
    expect(await refusal(await registry.call("DELETE", `/v2/team/app/manifests/${reference}`))).toBe(
      "409 DENIED",
    );
  expect((await registry.image("team/app", "latest")).answer.status).toBe(201);
  expect((await registry.image("team/app", "latest", { annotations: {} })).answer.status).toBe(201);
  expect((await registry.image("other", "v1", { annotations: {} })).answer.status).toBe(201);
});

test("of two pushes of an immutable tag at once, one is taken", async () => {
  await using registry = await TempRegistry.open({ rules: [{ repositories: "**", immutableTags: "**" }] });
  await registry.image("a", "first");
  const answers = await Promise.all(
    [1, 2, 3, 4].map(
      async (n) => (await registry.image("a", "v1", { annotations: { n: `${n}` } })).answer.status,
    ),
  );
  expect(answers.sort()).toEqual([201, 409, 409, 409]);
});

test("a quota refuses what is too much, streamed, at once, mounted or as a manifest", async () => {
  await using registry = await TempRegistry.open({ rules: [{ repositories: "small", quotaBytes: 100 }] });
  const uploads = "/v2/small/blobs/uploads/";
  await registry.blob("small", "x".repeat(60));
  const [fits, much] = ["y".repeat(40), "z".repeat(41)];
  const post = async (body: string) =>
    await registry.call("POST", `${uploads}?digest=${digestOf(body)}`, { body });
  expect(await refusal(await post(much))).toBe("403 DENIED");
  const { headers } = await registry.call("POST", uploads);
  const streamed = await registry.call("PATCH", headers.get("location") ?? "", { body: much });
  expect(await refusal(streamed)).toBe("403 DENIED");
  await registry.blob("large", much);
  const mount = await registry.call("POST", `${uploads}?mount=${digestOf(much)}&from=large`);
  expect(await refusal(mount)).toBe("403 DENIED");
  expect((await post(fits)).status).toBe(201);
  expect(await refusal(await registry.manifest("small", "v1", "{}", "application/x+json"))).toBe(
    "403 DENIED",
  );
});

test("RateLimiter lets a burst pass, then so many a second", () => {
  let now = 0;
  const limiter = new RateLimiter({ requestsPerSecond: 2, burst: 3 }, () => now);
  const taken = (client: string): number => {
    for (let count = 0; ; count += 1) {
      try {
        limiter.take(client);
      } catch {
        return count;
      }
    }
  };
  expect([taken("a"), taken("b"), taken("a")]).toEqual([3, 3, 0]);
  now = 1000;
  expect(taken("a")).toBe(2);
  now = 1_000_000;
  expect(taken("a")).toBe(3);
});

test("of two registries on one storage only one sets an immutable tag", async () => {
  const rules = [{ repositories: "**", immutableTags: "v*" }];
  await using one = await TempRegistry.open({ rules });
  const storage = new FilesystemDriver(one.root);
  const others = Array.from({ length: 4 }, () => createRegistry({ storage, rules }));
  const { bytes } = await one.image("a", "seed");
  const pushes = others.map(async (registry, at) => {
    const body = bytes.replace("{", `{"annotations":{"by":"${at}"},`);
    const init = { method: "PUT", headers: { "content-type": mediaTypes.ociManifest }, body };
    const answer = await registry(new Request("http://registry.test/v2/a/manifests/v1", init));
    return { status: answer.status, digest: digestOf(body) };
  });
  const answers = await Promise.all(pushes);
  const set = answers.filter(({ status }) => status === 201);
  expect([set.length, answers.filter(({ status }) => status === 409).length]).toEqual([1, 3]);
  const now = await one.call("HEAD", "/v2/a/manifests/v1");
  expect(now.headers.get("docker-content-digest")).toBe(set[0]!.digest);
});

test("rightsPolicy() grants by user, group and everyone, and the catalog to those who may do all", () => {
  const policy = rightsPolicy(
    [
      { repositories: "public/**", everyone: true, actions: ["pull"] },
      { repositories: "team/*", groups: ["dev"], actions: ["pull", "push"] },
      { repositories: "**", users: ["root"], actions: ["*"] },
    ],
    { dev: ["ann"] },
  );
  const may = (account: string | undefined, name: string) =>
    policy(account, { type: "repository", name, actions: ["pull", "push", "delete"] }).join();
  expect([may(undefined, "public/a/b"), may(undefined, "team/app")]).toEqual(["pull", ""]);
  expect([may("ann", "team/app"), may("ann", "team/app/x"), may("bob", "team/app")]).toEqual([
    "pull,push",
    "",
    "",
  ]);
  expect(may("root", "any")).toBe("pull,push,delete");
  expect(may("constructor", "team/app")).toBe("");
  const catalog = { type: "registry", name: "catalog", actions: ["*"] } as const;
  expect([policy("root", catalog), policy("ann", catalog)]).toEqual([["*"], []]);
});

test("Webhooks tells of pushes, pulls and deletes, signed, and again until it is heard", async () => {
  const heard: { event: RegistryEvent & { target: object }; signed: boolean }[] = [];
  let refusals = 2;
  await using server = await serveHttp({
    listen: { host: "127.0.0.1", port: 0 },
    handler: async (request) => {
      const body = await request.text();
      if (refusals-- > 0) return new Response(null, { status: 500 });
      const wanted = `sha256=${createHmac("sha256", "key").update(body).digest("hex")}`;
      const { events } = JSON.parse(body);
      heard.push({ event: events[0], signed: request.headers.get("x-slipway-signature") === wanted });
      return new Response();
    },
  });
  const errors: unknown[] = [];
  const hook = { url: server.url, secret: "key", actions: ["push", "pull", "delete"] } as const;
  await using hooks = new Webhooks([hook], (error) => errors.push(error), 5);
  await using registry = await TempRegistry.open({ onEvent: (event) => hooks.tell(event) });
  const { digest } = await registry.image("team/app", "v1");
  await registry.call("GET", "/v2/team/app/manifests/v1");
  await registry.call("DELETE", "/v2/team/app/manifests/v1");
  await hooks[Symbol.asyncDispose]();
  expect(errors).toEqual([]);
  expect(heard.map(({ event, signed }) => [event.action, signed])).toEqual([
    ["push", true],
    ["pull", true],
    ["delete", true],
  ]);
  expect(heard[0]?.event.target).toMatchObject({ repository: "team/app", tag: "v1", digest });
});

test("verifyJwt() takes RS256 from an RSA key, and never an algorithm the key is not for", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const token = (alg: string) => {
    const claims = { iss: "them", aud: ["us", "others"], exp: 1000, nbf: 0 };
    const parts = [{ alg }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    return `${parts.join(".")}.${sign("sha256", Buffer.from(parts.join(".")), rsa.privateKey).toString("base64url")}`;
  };
  const expected = { aud: "us", iss: "them", now: 500 };
  expect(verifyJwt(token("RS256"), rsa.publicKey, expected)?.iss).toBe("them");
  expect(verifyJwt(token("ES256"), rsa.publicKey, expected)).toBeUndefined();
  expect(verifyJwt(token("none"), rsa.publicKey, expected)).toBeUndefined();
  expect(verifyJwt(token("RS256"), rsa.publicKey, { ...expected, aud: "x" })).toBeUndefined();
});
