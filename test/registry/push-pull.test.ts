import { expect, test } from "bun:test";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { listCatalog } from "../../src/registry/client/catalog.ts";
import { checkCredentials } from "../../src/registry/client/check-credentials.ts";
import { pingRegistry } from "../../src/registry/client/ping-registry.ts";
import { blobOf, chunks, collect, randomBlob, repositoryAt } from "./blobs.ts";
import { LocalRegistry, openHub } from "./local-registry.ts";

test("copy() pushes a random image to a registry and pulls it back, byte for byte", async () => {
  await using registry = await LocalRegistry.open();
  const source = new MemoryTarget();
  const image = await randomImage(source.content, { layers: 3, size: 300_000 });
  await source.tag(image.descriptor, "local");
  const repository = repositoryAt(registry.host, "team/app");
  expect(await copy(source, "local", repository, "v1")).toEqual(image.descriptor);
  const back = new MemoryTarget();
  expect(await copy(repositoryAt(registry.host, "team/app"), "v1", back, "v1")).toEqual(image.descriptor);
  expect(await repository.tags()).toEqual(["v1"]);
  expect(await listCatalog(registry.host)).toEqual(["team/app"]);
  for (const desc of [image.manifest.config, ...image.manifest.layers])
    expect(await back.exists(desc)).toBe(true);
});

test("copy() sends no blob twice, and asks once for each", async () => {
  await using registry = await LocalRegistry.open();
  const source = new MemoryTarget();
  const image = await randomImage(source.content);
  await source.tag(image.descriptor, "local");
  await copy(source, "local", repositoryAt(registry.host, "a"), "v1");
  expect(registry.asked("HEAD").filter((line) => line.includes("/blobs/"))).toHaveLength(3);
  expect(registry.asked("POST")).toHaveLength(3);
  registry.requests.length = 0;
  await copy(source, "local", repositoryAt(registry.host, "a"), "v2");
  expect(registry.asked("POST")).toEqual([]);
});

test("copy() mounts blobs from another repository", async () => {
  await using registry = await LocalRegistry.open();
  const source = new MemoryTarget();
  const image = await randomImage(source.content);
  await source.tag(image.descriptor, "local");
  await copy(source, "local", repositoryAt(registry.host, "a"), "v1");
  registry.requests.length = 0;
  await copy(source, "local", repositoryAt(registry.host, "b"), "v1", { from: "a" });
  expect(registry.asked("PUT").filter((line) => line.includes("/blobs/"))).toEqual([]);
  expect(await repositoryAt(registry.host, "b").tags()).toEqual(["v1"]);
});

test("Repository moves 10 MB each way, and a part from an offset", async () => {
  await using registry = await LocalRegistry.open();
  const repository = repositoryAt(registry.host, "big");
  const { bytes, descriptor } = randomBlob(10_000_000);
  expect(await repository.exists(descriptor)).toBe(false);
  await repository.push(descriptor, chunks(bytes));
  expect(await repository.exists(descriptor)).toBe(true);
  expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
  const tail = await collect(await repository.fetch(descriptor, { offset: 9_999_000 }));
  expect(tail.equals(bytes.subarray(9_999_000))).toBe(true);
});

test("Repository keeps sha512 digests", async () => {
  await using registry = await LocalRegistry.open();
  const { bytes, descriptor } = randomBlob(1000);
  const sha512 = { ...descriptor, digest: digestOf(bytes, "sha512") };
  const repository = repositoryAt(registry.host, "a");
  await repository.push(sha512, chunks(bytes));
  expect((await collect(await repository.fetch(sha512))).equals(bytes)).toBe(true);
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [] }));
  const digest = digestOf(manifest, "sha512");
  const index = { mediaType: mediaTypes.ociIndex, digest, size: manifest.length };
  await repository.push(index, chunks(manifest));
  await repository.tag(index, "v1");
  expect(await repository.resolve("v1")).toEqual(index);
});

test("copy() pushes again what the registry has lost, though it has the manifest", async () => {
  await using registry = await LocalRegistry.open();
  const source = new MemoryTarget();
  const image = await randomImage(source.content, { layers: 2, size: 1000 });
  const target = repositoryAt(registry.host, "a");
  await copy(source, image.descriptor, target, "v1");
  const manifest = JSON.parse(
    Buffer.concat(await Array.fromAsync(await source.fetch(image.descriptor))).toString(),
  ) as {
    layers: { digest: string }[];
  };
  const lost = `http://${registry.host}/v2/a/blobs/${manifest.layers[0]?.digest}`;
  expect((await fetch(lost, { method: "DELETE" })).status).toBe(202);
  await copy(source, image.descriptor, repositoryAt(registry.host, "a"), "v2");
  expect((await fetch(lost)).status).toBe(200);
});

test("Repository.push() refuses content that is not what it says, and leaves no upload", async () => {
  await using registry = await LocalRegistry.open();
  const repository = repositoryAt(registry.host, "a");
  const { bytes, descriptor } = randomBlob(700_000);
  const wrong = [
    { ...descriptor, digest: digestOf("other") },
    { ...descriptor, size: 699_999 },
    { ...descriptor, size: 700_001 },
  ];
  for (const desc of wrong) {
    await expect(repository.push(desc, chunks(bytes))).rejects.toMatchObject({ code: "data_loss" });
  }
  await Bun.sleep(100);
  expect(await repository.exists(descriptor)).toBe(false);
});

test("Repository says host and answer of what is not there", async () => {
  await using registry = await LocalRegistry.open();
  const repository = repositoryAt(registry.host, "a/b");
  await expect(repository.resolve("v1")).rejects.toThrow(
    `Cannot pull "${registry.host}/a/b:v1": ${registry.host} answered 404 manifest unknown`,
  );
  const { descriptor } = blobOf(Buffer.from("x"));
  await expect(repository.fetch(descriptor)).rejects.toMatchObject({ code: "not_found" });
  await expect(repository.tags()).rejects.toThrow("repository name not known to registry");
  await expect(repositoryAt("127.0.0.1:1", "a").resolve("v1")).rejects.toThrow(
    "Cannot reach 127.0.0.1:1: connection refused",
  );
  await expect(pingRegistry("127.0.0.1:1")).rejects.toMatchObject({ code: "unavailable" });
  await pingRegistry(registry.host);
});

test("Repository pulls without a login from a registry that demands tokens as Docker Hub does", async () => {
  await using hub = await openHub();
  const owner = repositoryAt(hub.host, "library/nginx", {
    credentials: () => ({ username: "ann", password: "secret" }),
  });
  const source = new MemoryTarget();
  const image = await randomImage(source.content);
  await source.tag(image.descriptor, "local");
  await copy(source, "local", owner, "latest");
  hub.requests.length = 0;
  const anonymous = repositoryAt(hub.host, "library/nginx");
  await copy(anonymous, "latest", new MemoryTarget(), "latest");
  const tokens = hub.asked("GET").filter((line) => line.startsWith("GET /token"));
  expect(tokens).toEqual(["GET /token?service=registry.hub.test&scope=repository%3Alibrary%2Fnginx%3Apull"]);
});

test("Repository says that a push without rights is denied, and a pull of what is hidden as Docker says it", async () => {
  await using hub = await openHub({ anonymousPull: false });
  const repository = repositoryAt(hub.host, "library/nginx");
  const { bytes, descriptor } = randomBlob(10);
  await expect(repository.resolve("latest")).rejects.toThrow(
    `pull access denied for ${hub.host}/library/nginx, repository does not exist or may require 'docker login'`,
  );
  await expect(repository.push(descriptor, chunks(bytes))).rejects.toMatchObject({ code: "unauthorized" });
  await expect(listCatalog(hub.host)).rejects.toMatchObject({ code: "unauthorized" });
  const wrong = repositoryAt(hub.host, "library/nginx", {
    credentials: () => ({ username: "ann", password: "no" }),
  });
  await expect(wrong.resolve("latest")).rejects.toThrow("incorrect username or password");
});

test("checkCredentials() logs in for an identity token, which opens the registry too", async () => {
  await using hub = await openHub({ anonymousPull: false });
  const { status, identityToken } = await checkCredentials(hub.host, { username: "ann", password: "secret" });
  expect(status).toBe("Login Succeeded");
  const repository = repositoryAt(hub.host, "a", {
    credentials: () => ({ identitytoken: identityToken ?? "" }),
  });
  const { bytes, descriptor } = randomBlob(1000);
  await repository.push(descriptor, chunks(bytes));
  expect(await repository.exists(descriptor)).toBe(true);
  await expect(checkCredentials(hub.host, { username: "ann", password: "wrong" })).rejects.toMatchObject({
    code: "unauthorized",
    message: `Get "http://${hub.host}/v2/": ${hub.host} answered 401 unauthorized: incorrect username or password`,
  });
  expect(hub.asked("POST").every((line) => !line.includes("secret"))).toBe(true);
});
