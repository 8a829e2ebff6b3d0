import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { validateImage } from "../../src/image/testing/validate-image.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { S3Driver } from "../../src/registry/server/s3/s3-driver.ts";
import { storageContract } from "../../src/registry/server/testing/storage-contract.ts";
import { collectGarbage } from "../../src/registry/server/upkeep/collect.ts";
import { chunks, collect, randomBlob, repositoryAt } from "./blobs.ts";
import { S3Server } from "./s3-server.ts";
import { ServeCommand } from "./serve-command.ts";

let store: S3Server;
let copying: S3Server;
beforeAll(async () => {
  [store, copying] = await Promise.all([S3Server.open(), S3Server.open({ partCopy: true })]);
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await copying[Symbol.asyncDispose]();
});

storageContract("S3Driver", () => new S3Driver({ ...store.options, prefix: "contract" }));
storageContract(
  "S3Driver of a store that copies parts",
  () => new S3Driver({ ...copying.options, prefix: "contract", largestCopy: 11 << 20 }),
);

async function serve(redirect = false): Promise<ServeCommand> {
  return await ServeCommand.open(async (directory) => {
    await writeFile(join(directory, "secret"), "S3RVER\n");
    const s3 = {
      endpoint: store.endpoint,
      bucket: "images",
      prefix: "registry",
      accessKeyId: "S3RVER",
      secretAccessKeyFile: "secret",
      redirect,
    };
    await writeFile(join(directory, "c.json"), JSON.stringify({ listen: "127.0.0.1:0", storage: { s3 } }));
    return ["--config", join(directory, "c.json")];
  });
}

test("two registries share one bucket: an upload begun at one goes on at the other", async () => {
  await using one = await serve();
  await using two = await serve(true);
  const source = new MemoryTarget();
  const image = await randomImage(source.content, { layers: 3, size: 300_000 });
  await copy(source, image.descriptor, repositoryAt(one.host, "team/app"), "v1");
  expect(await validateImage(repositoryAt(two.host, "team/app"), "v1")).toBe(5);
  const blob = randomBlob(1_000_000);
  const started = await fetch(`${one.url}/v2/a/blobs/uploads/`, { method: "POST" });
  const location = started.headers.get("location") ?? "";
  for (const [server, part] of [
    [one, blob.bytes.subarray(0, 400_000)],
    [two, blob.bytes.subarray(400_000)],
  ] as const)
    expect(
      (await fetch(`${server.url}${location}`, { method: "PATCH", body: Buffer.from(part) })).status,
    ).toBe(202);
  const { digest } = blob.descriptor;
  const ended = await fetch(`${one.url}${location}?digest=${digest}`, { method: "PUT" });
  expect(ended.status).toBe(201);
  const direct = await fetch(`${two.url}/v2/a/blobs/${digest}`, { redirect: "manual" });
  expect([direct.status, new URL(direct.headers.get("location") ?? "").origin]).toEqual([
    307,
    store.endpoint,
  ]);
  expect((await collect(await repositoryAt(two.host, "a").fetch(blob.descriptor))).equals(blob.bytes)).toBe(
    true,
  );
  const whole = await fetch(`${one.url}/v2/a/blobs/${digest}`);
  expect(digestOf(new Uint8Array(await whole.arrayBuffer()))).toBe(digest);
}, 30_000);

test("collectGarbage() works on a bucket", async () => {
  await using server = await serve();
  const { bytes, descriptor } = randomBlob(1000);
  await repositoryAt(server.host, "loose").push(descriptor, chunks(bytes));
  const storage = new S3Driver({ ...store.options, prefix: "registry" });
  const report = await collectGarbage(storage, { graceMs: -60_000 });
  expect(report.blobs).toContain(descriptor.digest);
  expect(await repositoryAt(server.host, "loose").exists(descriptor)).toBe(false);
}, 30_000);
