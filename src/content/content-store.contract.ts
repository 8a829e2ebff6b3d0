import { expect, test } from "bun:test";
import { errorCode } from "../errors.ts";
import type { ContentStore } from "../oci/content.ts";
import { digestOf, type Digest } from "../oci/digest.ts";
import { collectAll } from "./collect.ts";
import { readBlob } from "./read-blob.ts";
import { once, receiveBlob, writeBlob, writeBytes } from "./write-blob.ts";

/** A store under test; `corrupt` flips a byte of a stored blob, or cuts it short, behind the store's back. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: ContentStore;
  corrupt(digest: Digest, how: "flip" | "cut"): Promise<void>;
}

const octets = "application/octet-stream";

export async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "no error",
    (error: unknown) => errorCode(error),
  );
}

function bytesOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255);
}

/** What every ContentStore does. */
export function contentStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  const it = (title: string, body: (t: StoreUnderTest) => Promise<void>): void => {
    test(`${name} ${title}`, async () => {
      await using t = await make();
      await body(t);
    });
  };

  it("commit() stores a blob that info(), list() and fetch() find", async ({ store }) => {
    const bytes = bytesOf(3_000_001);
    const desc = { mediaType: octets, digest: digestOf(bytes), size: bytes.length };
    await using writer = await store.ingest("a");
    for (let at = 0; at < bytes.length; at += 70_001) await writer.write(bytes.subarray(at, at + 70_001));
    expect(writer.offset).toBe(bytes.length);
    expect(await writer.commit(desc)).toEqual(desc);
    expect((await store.info(desc.digest)).size).toBe(bytes.length);
    expect(await readBlob(store, desc)).toEqual(Buffer.from(bytes));
    const listed = await Array.fromAsync(store.list());
    expect(listed.map((info) => info.digest)).toEqual([desc.digest]);
  });

  it("write() copies what it is given", async ({ store }) => {
    const buffer = Buffer.from("first");
    await using writer = await store.ingest("a");
    await writer.write(buffer);
    buffer.write("other");
    const desc = await writer.commit();
    expect(desc.digest).toBe(digestOf("first"));
    expect(await readBlob(store, desc)).toEqual(Buffer.from("first"));
  });

  it("commit() takes sha512, the empty blob, and a blob that exists", async ({ store }) => {
    for (const text of ["twice", "twice", ""]) {
      const desc = { mediaType: octets, digest: digestOf(text, "sha512"), size: text.length };
      await writeBlob(store, desc, once(Buffer.from(text)));
      expect(Buffer.from(await readBlob(store, desc)).toString()).toBe(text);
    }
  });

  it("commit() tells of the digest before the blob is there", async ({ store }) => {
    await using writer = await store.ingest("a");
    await writer.write(Buffer.from("text"));
    const seen: Promise<string>[] = [];
    await writer.commit({ hold: (digest) => void seen.push(codeOf(store.info(digest))) });
    expect(await Promise.all(seen)).toEqual(["not_found"]);
  });

  it("commit() refuses another digest or size and keeps nothing", async ({ store }) => {
    for (const expected of [{ digest: digestOf("other") }, { digest: digestOf("text"), size: 5 }]) {
      await using writer = await store.ingest("a");
      await writer.write(Buffer.from("text"));
      expect(await codeOf(writer.commit(expected))).toBe("data_loss");
    }
    await using again = await store.ingest("a");
    expect(again.offset).toBe(0);
    expect(await Array.fromAsync(store.list())).toEqual([]);
  });

  it("ingest() resumes where an uncommitted writer stopped", async ({ store }) => {
    {
      await using first = await store.ingest("a");
      await first.write(Buffer.from("hello "));
    }
    await using second = await store.ingest("a");
    expect(second.offset).toBe(6);
    await second.write(Buffer.from("world"));
    expect((await second.commit()).digest).toBe(digestOf("hello world"));
  });

  it("ingest() lets one writer hold a ref", async ({ store }) => {
    {
      await using _first = await store.ingest("a");
      expect(await codeOf(store.ingest("a"))).toBe("conflict");
    }
    await using _second = await store.ingest("a");
  });

  it("abort() drops the bytes; dispose after it and after commit does nothing", async ({ store }) => {
    const writer = await store.ingest("a");
    await writer.write(Buffer.from("gone"));
    await writer.abort();
    await writer[Symbol.asyncDispose]();
    await using again = await store.ingest("a");
    expect(again.offset).toBe(0);
    await again.commit({ digest: digestOf("") });
    await again.abort();
    expect((await store.info(digestOf(""))).size).toBe(0);
  });

  it("fetch() from an offset gives the rest", async ({ store }) => {
    const desc = await writeBytes(store, octets, Buffer.from("hello world"));
    for (const offset of [1, 6, 11]) {
      await using reader = await store.fetch(desc, { offset });
      expect(Buffer.from(await collectAll(reader, 100)).toString()).toBe("hello world".slice(offset));
    }
  });

  it("fetch() never gives a corrupted blob whole", async ({ store, corrupt }) => {
    for (const how of ["flip", "cut"] as const) {
      const bytes = bytesOf(2_500_000);
      const desc = await writeBytes(store, octets, bytes);
      await corrupt(desc.digest, how);
      let seen = 0;
      const read = async (): Promise<void> => {
        await using reader = await store.fetch(desc);
        for await (const chunk of reader) seen += chunk.length;
      };
      expect(await read().catch((error: unknown) => String(error))).toContain(desc.digest);
      expect(await codeOf(read())).toBe("data_loss");
      expect(seen).toBeLessThan(2 * bytes.length);
      await store.delete(desc.digest);
    }
  });

  it("names that are no digests are refused", async ({ store }) => {
    for (const name of ["sha256:../../etc/passwd", "md5:00", `sha256:${"A".repeat(64)}`, ""]) {
      const digest = name as Digest;
      expect(await codeOf(store.info(digest))).toBe("invalid_argument");
      expect(await codeOf(store.fetch({ mediaType: octets, digest, size: 1 }))).toBe("invalid_argument");
      expect(await codeOf(store.delete(digest))).toBe("invalid_argument");
    }
  });

  it("delete() is idempotent, and what is gone is not_found", async ({ store }) => {
    const desc = await writeBytes(store, octets, Buffer.from("x"));
    await store.delete(desc.digest);
    await store.delete(desc.digest);
    expect(await codeOf(store.info(desc.digest))).toBe("not_found");
    expect(await codeOf(store.fetch(desc))).toBe("not_found");
  });

  it("fetch() stops when its signal aborts", async ({ store }) => {
    const desc = await writeBytes(store, octets, bytesOf(3_000_000));
    const abort = new AbortController();
    await using reader = await store.fetch(desc, { signal: abort.signal });
    const read = (async () => {
      for await (const _chunk of reader) abort.abort();
    })();
    expect(await codeOf(read)).toBe("cancelled");
  });

  it("receiveBlob() asks only for what it has not got, and starts over when that was wrong", async (t) => {
    const bytes = Buffer.from(bytesOf(2_000_000));
    const desc = { mediaType: octets, digest: digestOf(bytes), size: bytes.length };
    for (const kept of [bytes.subarray(0, 1_500_000), Buffer.alloc(1000), Buffer.alloc(2_500_000)]) {
      {
        await using broken = await t.store.ingest(`blob/${desc.digest}`);
        await broken.write(kept);
      }
      const offsets: (number | undefined)[] = [];
      const from = {
        fetch: async (_: unknown, o?: { offset?: number }) => {
          offsets.push(o?.offset);
          const rest = once(bytes.subarray(o?.offset));
          return Object.assign(rest, { size: bytes.length });
        },
      };
      await receiveBlob(t.store, desc, from);
      if (kept.length === 1_500_000) expect(offsets).toEqual([1_500_000]);
      else expect(offsets.at(-1)).toBe(0);
      expect(await readBlob(t.store, desc)).toEqual(bytes);
      await t.store.delete(desc.digest);
    }
  });
}
