import { expect, test } from "bun:test";
import { digestOf } from "../../oci/digest.ts";
import { FilesystemDriver } from "./filesystem-driver.ts";
import { purgeUploads } from "./purge.ts";
import { refusal, TempRegistry } from "./testing/temp-registry.ts";

const uploads = "/v2/team/app/blobs/uploads/";
const content = "hello registry";
const digest = digestOf(content);

async function start(registry: TempRegistry): Promise<string> {
  const answer = await registry.call("POST", uploads);
  expect(answer.status).toBe(202);
  expect(answer.headers.get("range")).toBe("0-0");
  return answer.headers.get("location") ?? "";
}

test("GET /v2/ says that this is a registry (Determining Support)", async () => {
  await using registry = await TempRegistry.open();
  const answer = await registry.call("GET", "/v2/");
  expect([answer.status, answer.headers.get("docker-distribution-api-version"), await answer.text()]).toEqual(
    [200, "registry/2.0", "{}"],
  );
});

test("POST with digest stores the body at once (Single POST)", async () => {
  await using registry = await TempRegistry.open();
  const answer = await registry.call("POST", `${uploads}?digest=${digest}`, { body: content });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("location")).toBe(`/v2/team/app/blobs/${digest}`);
  expect(answer.headers.get("docker-content-digest")).toBe(digest);
  expect(await (await registry.call("GET", `/v2/team/app/blobs/${digest}`)).text()).toBe(content);
});

test("POST then PUT stores the body (POST then PUT)", async () => {
  await using registry = await TempRegistry.open();
  const location = await start(registry);
  const answer = await registry.call("PUT", `${location}?digest=${digest}`, { body: content });
  expect(answer.status).toBe(201);
  const head = await registry.call("HEAD", `/v2/team/app/blobs/${digest}`);
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "14"]);
});

test("PATCH takes chunks in order and refuses others with 416 (Pushing a blob in chunks)", async () => {
  await using registry = await TempRegistry.open();
  const location = await start(registry);
  const first = await registry.call("PATCH", location, {
    body: "hello ",
    headers: { "content-range": "0-5" },
  });
  expect([first.status, first.headers.get("range")]).toEqual([202, "0-5"]);
  for (const range of ["0-5", "7-14", "x", "9-6"]) {
    const wrong = await registry.call("PATCH", location, {
      body: "registry",
      headers: { "content-range": range },
    });
    expect([wrong.status, wrong.headers.get("range"), wrong.headers.get("location")]).toEqual([
      416,
      "0-5",
      location,
    ]);
  }
  const status = await registry.call("GET", location);
  expect([status.status, status.headers.get("range")]).toEqual([204, "0-5"]);
  const last = await registry.call("PUT", `${location}?digest=${digest}`, {
    body: "registry",
    headers: { "content-range": "6-13", "content-length": "8" },
  });
  expect(last.status).toBe(201);
});

test("an upload goes on after a restart of the registry, its hash recomputed", async () => {
  await using registry = await TempRegistry.open();
  const location = await start(registry);
  await registry.call("PATCH", location, { body: "hello " });
  registry.restart();
  const second = await registry.call("PATCH", location, { body: "registry" });
  expect(second.headers.get("range")).toBe("0-13");
  registry.restart();
  expect((await registry.call("PUT", `${location}?digest=${digest}`)).status).toBe(201);
});

test("an upload may be closed with a sha512 digest, streamed or at once", async () => {
  await using registry = await TempRegistry.open();
  const sha512 = digestOf(content, "sha512");
  const location = await start(registry);
  await registry.call("PATCH", location, { body: content });
  expect((await registry.call("PUT", `${location}?digest=${sha512}`)).status).toBe(201);
  expect((await registry.call("POST", `${uploads}?digest=${sha512}`, { body: content })).status).toBe(201);
  expect(await (await registry.call("GET", `/v2/team/app/blobs/${sha512}`)).text()).toBe(content);
});

test("content with another digest is refused and leaves nothing (DIGEST_INVALID)", async () => {
  await using registry = await TempRegistry.open();
  const location = await start(registry);
  const answer = await registry.call("PUT", `${location}?digest=${digestOf("other")}`, { body: content });
  expect(await refusal(answer)).toBe("400 DIGEST_INVALID");
  expect((await registry.call("GET", location)).status).toBe(404);
  expect((await registry.call("GET", `/v2/team/app/blobs/${digestOf("other")}`)).status).toBe(404);
  const bad = await registry.call("POST", `${uploads}?digest=sha256:../../x`, { body: content });
  expect(await refusal(bad)).toBe("400 DIGEST_INVALID");
});

test("a body shorter than promised is refused, and what came is kept (SIZE_INVALID)", async () => {
  await using registry = await TempRegistry.open();
  const location = await start(registry);
  const answer = await registry.call("PATCH", location, {
    body: "hello ",
    headers: { "content-range": "0-9" },
  });
  expect(await refusal(answer)).toBe("400 SIZE_INVALID");
  expect((await registry.call("GET", location)).headers.get("range")).toBe("0-5");
});

test("DELETE cancels an upload", async () => {
  await using registry = await TempRegistry.open();
  const location = await start(registry);
  expect((await registry.call("DELETE", location)).status).toBe(204);
  expect(await refusal(await registry.call("GET", location))).toBe("404 BLOB_UPLOAD_UNKNOWN");
  expect(await refusal(await registry.call("PATCH", location, { body: "x" }))).toBe(
    "404 BLOB_UPLOAD_UNKNOWN",
  );
  expect(await refusal(await registry.call("PATCH", `${uploads}..%2f..%2fx`, { body: "x" }))).toStartWith(
    "40",
  );
});

test("purgeUploads() drops uploads nobody has added to, and keeps the others", async () => {
  await using registry = await TempRegistry.open();
  const location = await start(registry);
  const storage = new FilesystemDriver(registry.root);
  expect(await purgeUploads(storage, new Date(Date.now() - 60_000))).toBe(0);
  expect((await registry.call("GET", location)).status).toBe(204);
  expect(await purgeUploads(storage, new Date(Date.now() + 60_000))).toBe(1);
  expect((await registry.call("GET", location)).status).toBe(404);
});

test("POST with mount takes a blob from another repository, and falls back to an upload (Mounting)", async () => {
  await using registry = await TempRegistry.open();
  await registry.blob("library/base", content);
  const mount = (from: string) => registry.call("POST", `${uploads}?mount=${digest}${from}`);
  expect((await mount("&from=library/nothing")).status).toBe(202);
  expect((await mount("&from=../library/base")).status).toBe(202);
  const mounted = await mount("&from=library/base");
  expect([mounted.status, mounted.headers.get("location")]).toEqual([201, `/v2/team/app/blobs/${digest}`]);
  expect((await registry.call("HEAD", `/v2/team/app/blobs/${digest}`)).status).toBe(200);
  expect((await mount("")).status).toBe(201);
});

test("POST with mount and without from takes a blob the registry has, where all may read all", async () => {
  await using registry = await TempRegistry.open();
  await registry.blob("library/base", content);
  expect((await registry.call("POST", `${uploads}?mount=${digest}`)).status).toBe(201);
  expect((await registry.call("POST", `${uploads}?mount=${digestOf("else")}`)).status).toBe(202);
  await using guarded = await TempRegistry.open({ access: { authorize: async () => undefined } });
  await guarded.blob("library/base", content);
  expect((await guarded.call("POST", `${uploads}?mount=${digest}`)).status).toBe(202);
  const access = { authorize: async () => "ann", sharesAll: true };
  await using shared = await TempRegistry.open({ access });
  await shared.blob("library/base", content);
  expect((await shared.call("POST", `${uploads}?mount=${digest}`)).status).toBe(201);
});

test("GET serves ranges (RFC 9110) and answers 304 to a known ETag", async () => {
  await using registry = await TempRegistry.open();
  await registry.blob("team/app", content);
  const path = `/v2/team/app/blobs/${digest}`;
  const cases: [string, number, string, string | null][] = [
    ["bytes=0-4", 206, "hello", "bytes 0-4/14"],
    ["bytes=6-", 206, "registry", "bytes 6-13/14"],
    ["bytes=-3", 206, "try", "bytes 11-13/14"],
    ["bytes=6-999", 206, "registry", "bytes 6-13/14"],
    ["bytes=0-1,3-4", 200, content, null],
    ["lines=1-2", 200, content, null],
  ];
  for (const [range, status, text, contentRange] of cases) {
    const answer = await registry.call("GET", path, { headers: { range } });
    expect([answer.status, await answer.text(), answer.headers.get("content-range")]).toEqual([
      status,
      text,
      contentRange,
    ]);
  }
  for (const range of ["bytes=14-", "bytes=9-2", "bytes=-0"]) {
    const beyond = await registry.call("GET", path, { headers: { range } });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */14"]);
  }
  for (const [ifRange, status] of [
    [`"${digest}"`, 206],
    [`"other"`, 200],
  ] as const) {
    const headers = { range: "bytes=0-4", "if-range": ifRange };
    expect((await registry.call("GET", path, { headers })).status).toBe(status);
  }
  const known = await registry.call("GET", path, { headers: { "if-none-match": `"x", "${digest}"` } });
  expect(known.status).toBe(304);
});

test("a blob is served only by the repositories that have it, and DELETE takes it from one", async () => {
  await using registry = await TempRegistry.open();
  await registry.blob("a", content);
  await registry.blob("b", content);
  expect(await refusal(await registry.call("GET", `/v2/c/blobs/${digest}`))).toBe("404 BLOB_UNKNOWN");
  expect((await registry.call("DELETE", `/v2/a/blobs/${digest}`)).status).toBe(202);
  expect(await refusal(await registry.call("DELETE", `/v2/a/blobs/${digest}`))).toBe("404 BLOB_UNKNOWN");
  expect((await registry.call("GET", `/v2/a/blobs/${digest}`)).status).toBe(404);
  expect((await registry.call("GET", `/v2/b/blobs/${digest}`)).status).toBe(200);
});

test("an empty blob is stored and served", async () => {
  await using registry = await TempRegistry.open();
  const empty = await registry.blob("a", "");
  const answer = await registry.call("GET", `/v2/a/blobs/${empty}`);
  expect([answer.status, await answer.text()]).toEqual([200, ""]);
});

test("hostile names, digests and paths are refused", async () => {
  await using registry = await TempRegistry.open();
  const names = [
    "..",
    "a/..%2fb",
    "A",
    "a/_blobs/b",
    "a//b",
    "a/.hidden",
    "%2e%2e/x",
    "a%00b",
    "a".repeat(256),
    "-a",
  ];
  for (const name of names) {
    for (const rest of ["tags/list", `blobs/${digest}`, "manifests/latest", `referrers/${digest}`]) {
      const answer = await registry.call("GET", `/v2/${name}/${rest}`);
      expect([name, answer.status >= 400 && answer.status < 405]).toEqual([name, true]);
    }
  }
  for (const reference of ["..", ".hidden", "a%2f..%2fb", "sha256:short", "x".repeat(129), "%ff"]) {
    const answer = await registry.call("GET", `/v2/a/manifests/${reference}`);
    expect([reference, answer.status >= 400 && answer.status < 405]).toEqual([reference, true]);
  }
  expect((await registry.call("PATCH", "/v2/a/tags/list")).status).toBe(405);
  expect((await registry.call("GET", "/etc/passwd")).status).toBe(404);
});
