import { expect, test } from "bun:test";
import { digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { refusal, TempRegistry } from "./testing/temp-registry.ts";

test("a manifest keeps its bytes and its type, by tag and by digest (Pushing Manifests)", async () => {
  await using registry = await TempRegistry.open();
  const { digest, bytes, answer } = await registry.image("team/app", "v1");
  expect(answer.status).toBe(201);
  expect(answer.headers.get("docker-content-digest")).toBe(digest);
  expect(answer.headers.get("location")).toBe(`/v2/team/app/manifests/${digest}`);
  for (const reference of ["v1", digest, digest.replace(":", "%3A")]) {
    const got = await registry.call("GET", `/v2/team/app/manifests/${reference}`);
    expect([await got.text(), got.headers.get("content-type")]).toEqual([bytes, mediaTypes.ociManifest]);
    const head = await registry.call("HEAD", `/v2/team/app/manifests/${reference}`);
    expect(head.headers.get("content-length")).toBe(String(bytes.length));
    expect(head.headers.get("docker-content-digest")).toBe(digest);
  }
  const known = await registry.call("GET", "/v2/team/app/manifests/v1", {
    headers: { "if-none-match": `"${digest}"` },
  });
  expect(known.status).toBe(304);
});

test("a manifest may be pushed by its sha512 digest, and not by a wrong one", async () => {
  await using registry = await TempRegistry.open();
  const { bytes } = await registry.image("team/app", "v1");
  const sha512 = digestOf(bytes, "sha512");
  const answer = await registry.manifest("team/app", sha512, bytes);
  expect([answer.status, answer.headers.get("docker-content-digest")]).toEqual([201, sha512]);
  expect(await refusal(await registry.manifest("team/app", digestOf("x"), bytes))).toBe("400 DIGEST_INVALID");
});

test("a manifest pushed by digest may set several tags at once, of any digest", async () => {
  await using registry = await TempRegistry.open();
  const { bytes } = await registry.image("team/app", "v1");
  const sha512 = digestOf(bytes, "sha512");
  const answer = await registry.manifest("team/app", `${sha512}?tag=a&tag=b`, bytes);
  expect([answer.status, answer.headers.get("oci-tag")]).toEqual([201, "a, b"]);
  const head = await registry.call("HEAD", "/v2/team/app/manifests/b");
  expect(head.headers.get("docker-content-digest")).toBe(sha512);
  expect((await registry.manifest("team/app", `${sha512}?tag=..`, bytes)).status).toBe(400);
});

test("a manifest whose blobs are missing is refused (MANIFEST_BLOB_UNKNOWN)", async () => {
  await using registry = await TempRegistry.open();
  const { bytes } = await registry.image("team/app", "v1");
  expect(await refusal(await registry.manifest("other/app", "v1", bytes))).toBe("404 MANIFEST_BLOB_UNKNOWN");
  const index = (digest: string) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [{ mediaType: mediaTypes.ociManifest, digest, size: bytes.length }],
    });
  const push = (digest: string) => registry.manifest("team/app", "all", index(digest), mediaTypes.ociIndex);
  expect(await refusal(await push(digestOf("nothing")))).toBe("404 MANIFEST_BLOB_UNKNOWN");
  expect((await push(digestOf(bytes))).status).toBe(201);
});

test("an index may lack manifests where the rules say so, and no manifest its blobs", async () => {
  await using registry = await TempRegistry.open({
    rules: [{ repositories: "mirror/*", sparseIndexes: true }],
  });
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [{ mediaType: mediaTypes.ociManifest, digest: digestOf("nowhere"), size: 7 }],
  });
  expect((await registry.manifest("mirror/a", "v1", index, mediaTypes.ociIndex)).status).toBe(201);
  expect((await registry.manifest("other/a", "v1", index, mediaTypes.ociIndex)).status).toBe(404);
  const { bytes } = await registry.image("other/a", "v1");
  expect((await registry.manifest("mirror/b", "v1", bytes)).status).toBe(404);
});

test("lists that are null are empty: clients in Go write them so", async () => {
  await using registry = await TempRegistry.open();
  const config = { mediaType: mediaTypes.ociEmpty, digest: await registry.blob("a", "{}"), size: 2 };
  const image = JSON.stringify({ schemaVersion: 2, config, layers: null });
  expect((await registry.manifest("a", "image", image)).status).toBe(201);
  const index = JSON.stringify({ schemaVersion: 2, manifests: null });
  expect((await registry.manifest("a", "index", index, mediaTypes.ociIndex)).status).toBe(201);
  expect((await registry.call("HEAD", "/v2/a/tags/list")).status).toBe(200);
});

test("what is no manifest is refused (MANIFEST_INVALID), also one too large (413)", async () => {
  await using registry = await TempRegistry.open({ maxManifestBytes: 4096 });
  const wrong = ["", "[]", "null", "{", `{"config":{"digest":"../x","size":1}}`, `{"mediaType":"x/y"}`];
  for (const bytes of wrong) {
    expect(await refusal(await registry.manifest("a", "v1", bytes))).toBe("400 MANIFEST_INVALID");
  }
  expect((await registry.manifest("a", "v1", JSON.stringify({ x: "y".repeat(5000) }))).status).toBe(413);
  const typeless = await registry.call("PUT", "/v2/a/manifests/v1", { body: "{}" });
  expect(typeless.status).toBe(400);
  expect(await refusal(await registry.manifest("a", ".bad", "{}"))).toBe("400 MANIFEST_INVALID");
});

test("referrers are listed and filtered, also of a subject that is not there (Listing Referrers)", async () => {
  await using registry = await TempRegistry.open();
  const subject = digestOf("not pushed yet");
  const referring = { subject: { mediaType: mediaTypes.ociManifest, digest: subject, size: 14 } };
  const sbom = await registry.image("a", undefined, {
    ...referring,
    artifactType: "application/sbom",
    annotations: { by: "me" },
  });
  const plain = await registry.image("a", undefined, referring);
  expect(sbom.answer.headers.get("oci-subject")).toBe(subject);
  const list = async (query = "") => {
    const answer = await registry.call("GET", `/v2/a/referrers/${subject}${query}`);
    const { manifests } = (await answer.json()) as { manifests: { digest: string }[] };
    return { answer, manifests };
  };
  const all = await list();
  expect(all.answer.headers.get("content-type")).toBe(mediaTypes.ociIndex);
  expect(all.answer.headers.get("oci-filters-applied")).toBeNull();
  expect(all.manifests.map(({ digest }) => digest).sort()).toEqual([sbom.digest, plain.digest].sort());
  const some = await list("?artifactType=application/sbom");
  expect(some.answer.headers.get("oci-filters-applied")).toBe("artifactType");
  expect(some.manifests).toEqual([
    {
      mediaType: mediaTypes.ociManifest,
      digest: sbom.digest,
      size: sbom.bytes.length,
      artifactType: "application/sbom",
      annotations: { by: "me" },
    } as never,
  ]);
  expect((await list(`?artifactType=${encodeURIComponent(mediaTypes.ociConfig)}`)).manifests).toHaveLength(1);
  await registry.call("DELETE", `/v2/a/manifests/${sbom.digest}`);
  expect((await list()).manifests).toHaveLength(1);
  expect((await registry.call("GET", "/v2/a/referrers/nothing")).status).toBe(400);
  const none = await registry.call("GET", `/v2/never/pushed/referrers/${subject}`);
  expect([none.status, ((await none.json()) as { manifests: [] }).manifests]).toEqual([200, []]);
});

test("tags are listed in pages, in order (Listing Tags)", async () => {
  await using registry = await TempRegistry.open();
  for (const tag of ["v2", "latest", "V1", "v10"]) await registry.image("a/b", tag);
  const list = async (query: string) => {
    const answer = await registry.call("GET", `/v2/a/b/tags/list${query}`);
    return [((await answer.json()) as { tags: string[] }).tags, answer.headers.get("link")];
  };
  expect(await list("")).toEqual([["V1", "latest", "v10", "v2"], null]);
  expect(await list("?n=2")).toEqual([["V1", "latest"], `</v2/a/b/tags/list?n=2&last=latest>; rel="next"`]);
  expect(await list("?n=2&last=latest")).toEqual([["v10", "v2"], null]);
  expect(await list("?n=0")).toEqual([[], null]);
  expect(await list("?last=v10")).toEqual([["v2"], null]);
  expect((await registry.call("GET", "/v2/a/b/tags/list?n=-1")).status).toBe(400);
  expect(await refusal(await registry.call("GET", "/v2/nothing/tags/list"))).toBe("404 NAME_UNKNOWN");
});

test("DELETE takes a tag, or a manifest with its tags (Deleting)", async () => {
  await using registry = await TempRegistry.open();
  const { digest } = await registry.image("a", "v1");
  await registry.image("a", "v2");
  expect((await registry.call("DELETE", "/v2/a/manifests/v1")).status).toBe(202);
  expect(await refusal(await registry.call("DELETE", "/v2/a/manifests/v1"))).toBe("404 MANIFEST_UNKNOWN");
  expect((await registry.call("GET", `/v2/a/manifests/${digest}`)).status).toBe(200);
  expect((await registry.call("DELETE", `/v2/a/manifests/${digest}`)).status).toBe(202);
  expect((await registry.call("GET", "/v2/a/manifests/v2")).status).toBe(404);
  expect((await registry.call("DELETE", `/v2/a/manifests/${digest}`)).status).toBe(404);
});

test("the catalog lists repositories in pages", async () => {
  await using registry = await TempRegistry.open();
  for (const name of ["b", "a/c", "a", "a-b"]) await registry.image(name, "v1");
  const list = async (query: string) => {
    const answer = await registry.call("GET", `/v2/_catalog${query}`);
    return [((await answer.json()) as { repositories: string[] }).repositories, answer.headers.get("link")];
  };
  expect(await list("")).toEqual([["a", "a-b", "a/c", "b"], null]);
  expect(await list("?n=2")).toEqual([["a", "a-b"], `</v2/_catalog?n=2&last=a-b>; rel="next"`]);
  expect(await list("?n=2&last=a-b")).toEqual([["a/c", "b"], null]);
});

test("the catalog lists no repository whose manifests are deleted", async () => {
  await using registry = await TempRegistry.open();
  const { digest } = await registry.image("a/b", "v1");
  await registry.image("c", "v1");
  await registry.call("DELETE", `/v2/a/b/manifests/${digest}`);
  expect(await (await registry.call("GET", "/v2/_catalog")).json()).toEqual({ repositories: ["c"] });
  expect(await refusal(await registry.call("GET", "/v2/a/b/tags/list"))).toBe("404 NAME_UNKNOWN");
});

test("two pushes of one tag at once leave one of the two", async () => {
  await using registry = await TempRegistry.open();
  const pushes = Array.from({ length: 20 }, (_, n) =>
    registry.image("a", "v1", { annotations: { n: String(n) } }),
  );
  const digests = (await Promise.all(pushes)).map(({ digest }) => digest);
  const answer = await registry.call("GET", "/v2/a/manifests/v1");
  expect(digests).toContain(answer.headers.get("docker-content-digest") as never);
  expect(digestOf(await answer.text())).toBe(answer.headers.get("docker-content-digest") as never);
});
