import { expect, test } from "bun:test";
import { digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { FilesystemDriver } from "./filesystem-driver.ts";
import { purgeUploads } from "./purge.ts";
import { TempRegistry } from "./testing/temp-registry.ts";

// One test for each MUST and SHOULD of distribution-spec 1.1 that no other file proves, titled by its section.

const json = async (response: Response) => (await response.json()) as Record<string, unknown>;

test("Determining Support: GET /v2/ MUST be answered 200", async () => {
  await using registry = await TempRegistry.open();
  expect((await registry.call("GET", "/v2/")).status).toBe(200);
});

test("Pulling manifests: HEAD MUST be as GET without a body, and Docker-Content-Digest the digest of the body", async () => {
  await using registry = await TempRegistry.open();
  const { digest, bytes } = await registry.image("a", "v1");
  for (const reference of ["v1", digest]) {
    const path = `/v2/a/manifests/${reference}`;
    const [got, head] = [await registry.call("GET", path), await registry.call("HEAD", path)];
    for (const name of ["content-type", "content-length", "docker-content-digest"])
      expect([name, head.headers.get(name)]).toEqual([name, got.headers.get(name)]);
    expect([digestOf(await got.text()), await head.text()]).toEqual([digest, ""]);
    expect(head.headers.get("content-length")).toBe(String(bytes.length));
  }
});

test("Pulling manifests: one that is not there MUST be answered 404, by GET and HEAD", async () => {
  await using registry = await TempRegistry.open();
  await registry.image("a", "v1");
  for (const reference of ["v2", digestOf("none")])
    for (const method of ["GET", "HEAD"])
      expect((await registry.call(method, `/v2/a/manifests/${reference}`)).status).toBe(404);
});

test("Pulling blobs: GET MUST give the bytes, HEAD 200 and their length, both 404 for an unknown one", async () => {
  await using registry = await TempRegistry.open();
  const digest = await registry.blob("a", "content");
  const got = await registry.call("GET", `/v2/a/blobs/${digest}`);
  expect([await got.text(), got.headers.get("docker-content-digest")]).toEqual(["content", digest]);
  const head = await registry.call("HEAD", `/v2/a/blobs/${digest}`);
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "7"]);
  for (const method of ["GET", "HEAD"])
    expect((await registry.call(method, `/v2/a/blobs/${digestOf("none")}`)).status).toBe(404);
});

test("POST then PUT: the Location MUST NOT be assumed, so it leads on with a query of its own or without", async () => {
  await using registry = await TempRegistry.open();
  const started = await registry.call("POST", "/v2/a/blobs/uploads/", { headers: { "content-length": "0" } });
  const location = started.headers.get("location") ?? "";
  expect([started.status, location.startsWith("/v2/a/blobs/uploads/")]).toEqual([202, true]);
  const digest = digestOf("content");
  const ended = await registry.call("PUT", `${location}?digest=${digest}`, { body: "content" });
  expect([ended.status, ended.headers.get("location")]).toEqual([201, `/v2/a/blobs/${digest}`]);
});

test("Pushing in chunks: a chunk out of order MUST be answered 416, and the first MUST begin with 0", async () => {
  await using registry = await TempRegistry.open();
  const { headers } = await registry.call("POST", "/v2/a/blobs/uploads/");
  const location = headers.get("location") ?? "";
  const patch = async (range: string, body: string) =>
    (await registry.call("PATCH", location, { body, headers: { "content-range": range } })).status;
  expect(await patch("3-5", "def")).toBe(416);
  expect(await patch("0-2", "abc")).toBe(202);
  expect(await patch("0-2", "abc")).toBe(416);
  expect(await patch("3-5", "def")).toBe(202);
  const status = await registry.call("GET", location);
  expect([status.status, status.headers.get("range")]).toEqual([204, "0-5"]);
});

test("Pushing manifests: one of 4 megabytes SHOULD be taken, a larger one MUST be answered 413", async () => {
  await using registry = await TempRegistry.open();
  const push = async (size: number) => {
    const frame = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [],
      annotations: { a: "" },
    });
    const bytes = frame.replace('"a":""', `"a":"${"x".repeat(size - frame.length)}"`);
    return (await registry.manifest("a", `v${size}`, bytes, mediaTypes.ociIndex)).status;
  };
  expect([await push(4 << 20), await push((4 << 20) + 1)]).toEqual([201, 413]);
});

test("Pushing manifests: the 201 MUST have a Location that can be pulled", async () => {
  await using registry = await TempRegistry.open();
  const { answer, bytes } = await registry.image("a", "v1");
  const pulled = await registry.call("GET", answer.headers.get("location") ?? "");
  expect(await pulled.text()).toBe(bytes);
});

test("Pushing manifests with subject: MUST be taken though the subject is missing, and OCI-Subject MUST be its digest", async () => {
  await using registry = await TempRegistry.open();
  const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf("missing"), size: 7 };
  const { answer } = await registry.image("a", undefined, { subject });
  expect([answer.status, answer.headers.get("oci-subject")]).toEqual([201, subject.digest]);
  expect((await registry.image("a", "v1")).answer.headers.has("oci-subject")).toBe(false);
});

test("Listing tags: n of zero MUST give none and no Link; n beyond the end MUST give the rest and no Link", async () => {
  await using registry = await TempRegistry.open();
  for (const tag of ["b", "a", "c"]) await registry.image("a", tag);
  const list = async (query: string) => {
    const answer = await registry.call("GET", `/v2/a/tags/list${query}`);
    return [(await json(answer)).tags, answer.headers.has("link")];
  };
  expect(await list("?n=0")).toEqual([[], false]);
  expect(await list("?n=9&last=a")).toEqual([["b", "c"], false]);
  expect(await list("?n=1&last=a")).toEqual([["b"], true]);
  expect(await list("?last=0")).toEqual([["a", "b", "c"], false]);
});

test("Listing referrers: MUST be an index of 200, empty for an unknown digest; a malformed one MUST be 400", async () => {
  await using registry = await TempRegistry.open();
  const answer = await registry.call("GET", `/v2/a/referrers/${digestOf("unknown")}`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, mediaTypes.ociIndex]);
  expect(await json(answer)).toEqual({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] });
  expect((await registry.call("GET", "/v2/a/referrers/sha256:zz")).status).toBe(400);
});

test("Listing referrers: artifactType MUST be that of the config when the manifest has none, and annotations MUST be there", async () => {
  await using registry = await TempRegistry.open();
  const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf("subject"), size: 7 };
  await registry.image("a", undefined, { subject, annotations: { who: "me" } });
  const { manifests } = await json(await registry.call("GET", `/v2/a/referrers/${subject.digest}`));
  expect(manifests).toMatchObject([{ artifactType: mediaTypes.ociConfig, annotations: { who: "me" } }]);
});

test("Deleting: MUST be answered 202, and the thing MUST be gone", async () => {
  await using registry = await TempRegistry.open();
  const { digest } = await registry.image("a", "v1");
  const blob = await registry.blob("a", "blob");
  for (const path of ["manifests/v1", `manifests/${digest}`, `blobs/${blob}`]) {
    expect([path, (await registry.call("DELETE", `/v2/a/${path}`)).status]).toEqual([path, 202]);
    expect([path, (await registry.call("GET", `/v2/a/${path}`)).status]).toEqual([path, 404]);
    expect([path, (await registry.call("DELETE", `/v2/a/${path}`)).status]).toEqual([path, 404]);
  }
});

test("Error codes: a body MUST be JSON of errors, and each code MUST be one of the spec's", async () => {
  await using registry = await TempRegistry.open({ maxManifestBytes: 100 });
  const blob = await registry.blob("a", "blob");
  const upload = (await registry.call("POST", "/v2/a/blobs/uploads/")).headers.get("location") ?? "";
  const type = { "content-type": mediaTypes.ociIndex };
  const refused: [string, string, { headers?: Record<string, string>; body?: string }?][] = [
    ["GET", "/v2/a/manifests/v1"],
    ["GET", "/v2/UPPER/tags/list"],
    ["GET", "/v2/none/tags/list"],
    ["GET", "/v2/a/tags/list?n=x"],
    ["GET", `/v2/a/blobs/${digestOf("x")}`],
    ["GET", "/v2/a/blobs/x"],
    ["GET", `/v2/a/blobs/${blob}`, { headers: { range: "bytes=9-" } }],
    ["GET", "/v2/a/blobs/uploads/x"],
    ["GET", "/v2/a/referrers/x"],
    ["PUT", "/v2/a/manifests/.x", { headers: type, body: "{}" }],
    ["PUT", "/v2/a/manifests/sha256:x", { headers: type, body: "{}" }],
    ["PUT", `/v2/a/manifests/${digestOf("{}")}?tag=.x`, { headers: type, body: "{}" }],
    ["PUT", "/v2/a/manifests/x", { headers: type, body: "[]" }],
    ["PUT", "/v2/a/manifests/x", { headers: type, body: `{"a":"${"x".repeat(100)}"}` }],
    ["PATCH", upload, { headers: { "content-range": "5-9" }, body: "12345" }],
    ["PATCH", upload, { headers: { "content-range": "x" }, body: "12345" }],
    ["PUT", upload],
    ["PUT", `${upload}?digest=${digestOf("other")}`, { body: "x" }],
    ["PATCH", "/v2/a/tags/list"],
    ["GET", "/v2/a/nothing"],
  ];
  for (const [method, path, init] of refused) {
    const answer = await registry.call(method, path, init);
    expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true]);
    const { errors } = (await json(answer)) as { errors: { code: string; message: string }[] };
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect([path, errors.length, specCodes.has(errors[0]?.code ?? "")]).toEqual([path, 1, true]);
  }
});

const specCodes = new Set(
  `BLOB_UNKNOWN BLOB_UPLOAD_INVALID BLOB_UPLOAD_UNKNOWN DIGEST_INVALID MANIFEST_BLOB_UNKNOWN MANIFEST_INVALID
  MANIFEST_UNKNOWN NAME_INVALID NAME_UNKNOWN SIZE_INVALID UNAUTHORIZED DENIED UNSUPPORTED TOOMANYREQUESTS`.split(
    /\s+/,
  ),
);

test("Enabling the Referrers API: manifests an index of the referrers tag lists MUST be among the referrers", async () => {
  await using registry = await TempRegistry.open();
  const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf("subject"), size: 7 };
  const referrer = await registry.image("a", undefined, { subject });
  const { digest, bytes } = referrer;
  const listed = { mediaType: mediaTypes.ociManifest, digest, size: bytes.length };
  const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [listed] });
  await registry.manifest("a", subject.digest.replace(":", "-"), index, mediaTypes.ociIndex);
  const { manifests } = await json(await registry.call("GET", `/v2/a/referrers/${subject.digest}`));
  expect(manifests).toMatchObject([{ digest }]);
});

test("Pushing manifests: parameters of the Content-Type SHOULD be ignored, and the type kept as it was pushed", async () => {
  await using registry = await TempRegistry.open();
  const bytes = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] });
  const answer = await registry.manifest("a", "v1", bytes, `${mediaTypes.ociIndex}; charset=utf-8`);
  expect(answer.status).toBe(201);
  const pulled = await registry.call("GET", "/v2/a/manifests/v1");
  expect(pulled.headers.get("content-type")).toBe(mediaTypes.ociIndex);
});

test("Cancel a blob upload: the server SHOULD eventually time out unfinished uploads (purgeUploads)", async () => {
  await using registry = await TempRegistry.open();
  const location = (await registry.call("POST", "/v2/a/blobs/uploads/")).headers.get("location") ?? "";
  await purgeUploads(new FilesystemDriver(registry.root), new Date(Date.now() + 60_000));
  expect((await registry.call("GET", location)).status).toBe(404);
});
