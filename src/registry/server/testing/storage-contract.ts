import { randomBytes } from "node:crypto";
import { expect, test } from "bun:test";
import type { ByteStream } from "../../../oci/call-options.ts";
import type { StorageDriver } from "../storage-driver.ts";

/** What every {@link StorageDriver} must do. `driver` gives an empty one, or the same one again: keys differ. */
export function storageContract(name: string, driver: () => StorageDriver): void {
  const call = (what: string, work: (storage: StorageDriver) => Promise<void>): void =>
    test(`${name} ${what}`, async () => await work(driver()), 30_000);

  call("puts, gets and deletes small objects", async (storage) => {
    expect(await storage.get("c/one")).toBeUndefined();
    await storage.put("c/one", "first");
    await storage.put("c/one", "second");
    await storage.put("c/empty", "");
    expect(text(await storage.get("c/one"))).toBe("second");
    expect([await storage.size("c/one"), await storage.size("c/empty"), await storage.size("c/no")]).toEqual([
      6,
      0,
      undefined,
    ]);
    expect([await storage.delete("c/one"), await storage.delete("c/one")]).toEqual([true, false]);
    expect(await storage.get("c/one")).toBeUndefined();
  });

  call("puts what is new, and only that", async (storage) => {
    expect([await storage.putNew("n/one", "first"), await storage.putNew("n/one", "second")]).toEqual([
      true,
      false,
    ]);
    expect(text(await storage.get("n/one"))).toBe("first");
  });

  call("lists what is directly below a prefix", async (storage) => {
    for (const key of ["l/b", "l/a/x", "l/a/y", "l/c/d/e", "lz"]) await storage.put(key, key);
    expect(await storage.children("l")).toEqual(["a", "b", "c"]);
    expect(await storage.children("l/a")).toEqual(["x", "y"]);
    expect(await storage.children("nothing")).toEqual([]);
  });

  call("lists no prefix whose last object is gone", async (storage) => {
    for (const key of ["p/a/b/one", "p/a/two", "p/c"]) await storage.put(key, key);
    await storage.delete("p/a/b/one");
    expect([await storage.children("p/a"), await storage.children("p")]).toEqual([["two"], ["a", "c"]]);
    await storage.delete("p/a/two");
    expect(await storage.children("p")).toEqual(["c"]);
  });

  call("tells when an object was written, and touches it", async (storage) => {
    await storage.put("t/one", "x");
    const modified = await storage.modified("t/one");
    expect(Math.abs(Date.now() - (modified?.getTime() ?? 0))).toBeLessThan(10_000);
    expect([await storage.touch("t/one"), await storage.touch("t/two")]).toEqual([true, false]);
    expect(text(await storage.get("t/one"))).toBe("x");
    expect(await storage.modified("t/two")).toBeUndefined();
  });

  call("serves ranges of an object", async (storage) => {
    await storage.put("r/one", "0123456789");
    const range = async (start: number, end: number) =>
      await new Response(await storage.body("r/one", start, end)).text();
    expect([await range(0, 10), await range(2, 5), await range(9, 10)]).toEqual(["0123456789", "234", "9"]);
    expect(text(await collect(storage.read("r/one")))).toBe("0123456789");
  });

  call("grows an object and gives it its name", async (storage) => {
    const bytes = randomBytes(17_500_000);
    await storage.create("g/up");
    expect(await storage.size("g/up")).toBe(0);
    expect(await storage.append("g/up", 0, chunks(bytes.subarray(0, 10)))).toBe(10);
    expect(await storage.append("g/up", 10, chunks(bytes.subarray(10)))).toBe(bytes.length);
    expect(await storage.size("g/up")).toBe(bytes.length);
    expect((await collect(storage.read("g/up"))).equals(bytes)).toBe(true);
    await storage.put("g/final", "old");
    await storage.move("g/up", "g/final");
    expect([await storage.size("g/up"), await storage.size("g/final")]).toEqual([undefined, bytes.length]);
    expect((await collect(storage.read("g/final"))).equals(bytes)).toBe(true);
  });

  call("joins large and single segments, and none", async (storage) => {
    const [one, two, large] = [randomBytes(6_000_000), randomBytes(1000), randomBytes(11_600_000)];
    for (const [key, parts] of [
      ["two", [one, two]],
      ["large and small", [large, two]],
      ["large", [large]],
      ["one", [two]],
      ["none", []],
    ] as const) {
      await storage.create(`j/up-${key}`);
      let at = 0;
      for (const part of parts) at = await storage.append(`j/up-${key}`, at, chunks(part));
      await storage.move(`j/up-${key}`, `j/${key}`);
      expect((await collect(storage.read(`j/${key}`))).equals(Buffer.concat(parts))).toBe(true);
      await storage.move(`j/${key}`, `k/${key}`);
      expect(await storage.size(`j/${key}`)).toBeUndefined();
      expect((await collect(storage.read(`k/${key}`))).equals(Buffer.concat(parts))).toBe(true);
    }
  });

  call("keeps what came before an append failed", async (storage) => {
    const bytes = randomBytes(17_000_000);
    await storage.create("f/up");
    async function* failing(): ByteStream {
      yield* chunks(bytes);
      throw new Error("gone");
    }
    await expect(storage.append("f/up", 0, failing())).rejects.toThrow("gone");
    expect(await storage.size("f/up")).toBe(bytes.length);
    await storage.append("f/up", bytes.length, chunks(Buffer.from("end")));
    expect((await collect(storage.read("f/up"))).equals(Buffer.concat([bytes, Buffer.from("end")]))).toBe(
      true,
    );
    expect([await storage.delete("f/up"), await storage.size("f/up")]).toEqual([true, undefined]);
    await storage.sweep(new Date(Date.now() + 60_000));
  });
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

async function* chunks(bytes: Uint8Array): ByteStream {
  for (let at = 0; at < bytes.length; at += 1 << 18) yield bytes.subarray(at, at + (1 << 18));
}

async function collect(stream: ByteStream): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}
