import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { decodeBytes } from "../../internal/byte-string.ts";
import { tarTypes } from "./tar-header.ts";
import { readTar } from "./tar-reader.ts";
import { writeTar, type TarEntryHeader, type TarWriterEntry } from "./tar-writer.ts";

async function collect(entries: readonly TarWriterEntry[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of writeTar(entries)) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts);
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

const base: TarEntryHeader = { type: tarTypes.file, name: "f", mode: 0o644 };
const notUtf8 = decodeBytes(Buffer.from([0x62, 0xff, 0x2f, 0x80]));

const headers: [string, Partial<TarEntryHeader>][] = [
  ["a plain file", { uid: 5, gid: 6, uname: "me", gname: "us", mtime: 1_700_000_000_000_000_000n }],
  ["a name of 100 bytes", { name: "n".repeat(100) }],
  ["a name of 101 bytes", { name: "n".repeat(101) }],
  ["a name that ustar parts at a slash", { name: `${"p".repeat(150)}/${"n".repeat(100)}` }],
  ["a directory's long name", { name: `${"d/".repeat(90)}`, type: tarTypes.directory }],
  ["a name of 3000 bytes", { name: `${"x".repeat(250)}/`.repeat(12) + "f" }],
  ["a name that is not ASCII", { name: "é/한국어" }],
  ["a name that is not UTF-8", { name: notUtf8 }],
  ["a link target that is long and not UTF-8", { type: tarTypes.symlink, linkname: notUtf8.repeat(60) }],
  ["nanoseconds", { mtime: 1_234_567_890_123_456_789n }],
  ["a time before 1970", { mtime: -1_500_000_000n }],
  ["a time far ahead", { mtime: 9_999_999_999_999_000_000_000n }],
  ["owners beyond octal", { uid: 4_294_967_294, gid: 2_097_152 }],
  ["a device", { type: tarTypes.blockDevice, devMajor: 259, devMinor: 1_048_575 }],
  ["setuid, setgid and sticky", { mode: 0o7777 }],
];

for (const [what, header] of headers) {
  test(`writeTar() writes ${what} so that readTar() gives it back`, async () => {
    const whole = { ...base, ...header };
    for await (const entry of readTar(once(await collect([{ header: whole }])))) {
      expect(entry.header).toMatchObject(whole);
    }
  });
}

test("writeTar() keeps binary attributes", async () => {
  const xattrs = new Map([
    ["security.capability", Uint8Array.from([1, 0, 0, 2, 255, 10, 0])],
    ["user.empty", new Uint8Array(0)],
  ]);
  for await (const { header } of readTar(once(await collect([{ header: { ...base, xattrs } }])))) {
    expect([...header.xattrs].map(([key, value]) => [key, Uint8Array.from(value)])).toEqual([...xattrs]);
  }
});

test("writeTar() writes plain ustar where that says everything", async () => {
  const bytes = await collect([{ header: { ...base, size: 3 }, content: [Buffer.from("abc")] }]);
  expect(bytes.length).toBe(4 * 512);
  const listed = spawnSync("tar", ["-tvf", "-"], { input: bytes }).stdout.toString();
  expect(listed).toContain("-rw-r--r-- 0/0");
});

test("writeTar() writes sparse files that readTar() and GNU tar fill with zeros", async () => {
  const extents = [
    { offset: 4096, length: 4 },
    { offset: 3 << 20, length: 0 },
  ];
  const header = { ...base, name: "sparse", size: 3 << 20, extents };
  const bytes = await collect([{ header, content: [Buffer.from("data")] }]);
  expect(bytes.length).toBeLessThan(8192);
  const expected = Buffer.alloc(3 << 20);
  expected.set(Buffer.from("data"), 4096);
  const hash = createHash("sha256");
  for await (const entry of readTar(once(bytes))) {
    expect(entry.header).toMatchObject({ name: "sparse", size: 3 << 20 });
    for await (const chunk of entry.content) hash.update(chunk);
  }
  const digest = createHash("sha256").update(expected).digest("hex");
  expect(hash.digest("hex")).toBe(digest);
  const unpacked = spawnSync("tar", ["-xOf", "-", "sparse"], { input: bytes, maxBuffer: 8 << 20 }).stdout;
  expect(createHash("sha256").update(unpacked).digest("hex")).toBe(digest);
});

test("writeTar() refuses content that is not as long as its header says", async () => {
  for (const text of ["ab", "abcd"]) {
    const writing = collect([{ header: { ...base, size: 3 }, content: [Buffer.from(text)] }]);
    await expect(writing).rejects.toMatchObject({ code: "invalid_argument" });
  }
});
