import { expect, test } from "bun:test";
import { mkdtemp, open, readdir, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf, splitDigest, type Digest } from "../oci/digest.ts";
import { codeOf, contentStoreContract, type StoreUnderTest } from "./content-store.contract.ts";
import { FileContentStore } from "./file-content-store.ts";
import { writeBytes } from "./write-blob.ts";

async function make(): Promise<StoreUnderTest & { directory: string; store: FileContentStore }> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-content-"));
  const store = await FileContentStore.open(directory);
  const pathOf = (digest: Digest): string => {
    const { algorithm, hex } = splitDigest(digest);
    return join(directory, "blobs", algorithm, hex);
  };
  const corrupt = async (digest: Digest, how: "flip" | "cut"): Promise<void> => {
    if (how === "cut") return await truncate(pathOf(digest), 1000);
    const file = await open(pathOf(digest), "r+");
    await file.write(Buffer.from([255, 254, 253]), 0, 3, 1_000_000);
    await file.close();
  };
  const end = async (): Promise<void> => await rm(directory, { recursive: true });
  return { directory, store, corrupt, [Symbol.asyncDispose]: end };
}

contentStoreContract("FileContentStore", make);

test("FileContentStore keeps blobs and broken writes over a restart", async () => {
  await using t = await make();
  const desc = await writeBytes(t.store, "text/plain", Buffer.from("kept"));
  {
    await using writer = await t.store.ingest("part");
    await writer.write(Buffer.from("half"));
  }
  const reopened = await FileContentStore.open(t.directory);
  expect((await reopened.info(desc.digest)).size).toBe(4);
  await using writer = await reopened.ingest("part");
  expect(writer.offset).toBe(4);
  await writer.write(Buffer.from(" and half"));
  expect((await writer.commit()).digest).toBe(digestOf("half and half"));
});

test("FileContentStore leaves no ingest behind after commit, abort and an empty write", async () => {
  await using t = await make();
  await writeBytes(t.store, "text/plain", Buffer.from("x"));
  const aborted = await t.store.ingest("aborted");
  await aborted.abort();
  {
    await using _empty = await t.store.ingest("empty");
  }
  expect(await readdir(join(t.directory, "ingest"))).toEqual([]);
});

test("FileContentStore.dropIngests() drops what is not to be kept and what is broken, not what is held", async () => {
  await using t = await make();
  for (const ref of ["old", "young"]) {
    await using writer = await t.store.ingest(ref);
    await writer.write(Buffer.from(ref));
  }
  const old = join(t.directory, "ingest", splitDigest(digestOf("old")).hex);
  await utimes(join(old, "data"), 0, 0);
  await writeFile(join(t.directory, "ingest", "junk"), "junk");
  await using held = await t.store.ingest("held");
  await held.write(Buffer.from("held"));
  const isYoung = (ingest: { changedAt: Date }): boolean => ingest.changedAt.getTime() > 0;
  expect(await t.store.dropIngests(isYoung)).toBe(2);
  expect(await readdir(join(t.directory, "ingest"))).toHaveLength(2);
  expect(await t.store.dropIngests(({ ref }) => ref !== "young")).toBe(1);
  expect(await readdir(join(t.directory, "ingest"))).toHaveLength(1);
});

test("FileContentStore.follow() gives a blob while it is written, and its end when it is verified", async () => {
  await using t = await make();
  const bytes = Buffer.alloc(3 << 20, "follow");
  const digest = digestOf(bytes);
  expect(t.store.follow(digest)).toBeUndefined();
  await using writer = await t.store.ingest(`blob/${digest}`);
  const followed = t.store.follow(digest);
  await writer.write(bytes.subarray(0, 2 << 20));
  const first = await followed?.next();
  expect(first?.value).toEqual(bytes.subarray(0, 1 << 20));
  await writer.write(bytes.subarray(2 << 20));
  const rest = Array.fromAsync(followed ?? []);
  await writer.commit({ digest });
  expect(Buffer.concat(await rest).equals(bytes.subarray(1 << 20))).toBe(true);
  expect(t.store.follow(digest)).toBeUndefined();
});

test("FileContentStore.follow() ends with a write that is given up, with its signal, and not in another's bytes", async () => {
  await using t = await make();
  const bytes = Buffer.alloc(2 << 20, "follow");
  const digest = digestOf(bytes);
  const abort = new AbortController();
  const writer = await t.store.ingest(`blob/${digest}`);
  await writer.write(bytes);
  const given = Array.fromAsync(t.store.follow(digest) ?? []);
  const stopped = Array.fromAsync(t.store.follow(digest, { signal: abort.signal }) ?? []);
  abort.abort(new Error("enough"));
  expect(await codeOf(stopped)).toBe("internal");
  await writer[Symbol.asyncDispose]();
  expect(await codeOf(given)).toBe("unavailable");
  await using resumed = await t.store.ingest(`blob/${digest}`);
  expect(resumed.offset).toBe(2 << 20);
  expect(t.store.follow(digest)).toBeUndefined();
});
