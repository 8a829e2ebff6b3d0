import { TarParser } from "./tar-parser.ts";
import { tarTypes } from "./tar-header.ts";
import { tarHeaderBlocks } from "./tar-writer.ts";
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { encodeBytes } from "../../internal/byte-string.ts";
import { readTar, type TarEntry } from "./tar-reader.ts";

interface Expected {
  readonly file: string;
  readonly error?: string;
  readonly entries: readonly (Record<string, string | number> & { pax?: Record<string, string> })[];
}

const data = join(import.meta.dir, "../../../test/data/tar");
const expected = JSON.parse(readFileSync(join(data, "expected-go1.26.json"), "utf8")) as Expected[];
const BIG = 64 << 20;

async function* chunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The recorder gave Go the `.base64` files as they are, so they have to fail; decoded they are archives. */
function load(file: string, decode = false): Uint8Array {
  const bytes = readFileSync(join(data, file));
  if (file.endsWith(".base64") && decode) return Buffer.from(bytes.toString(), "base64");
  return file.endsWith(".bz2") ? spawnSync("bzip2", ["-dc"], { input: bytes }).stdout : bytes;
}

/** As the recorder printed it: Go's JSON has U+FFFD for a byte that is not UTF-8. */
const printable = (text: string) => Buffer.from(encodeBytes(text)).toString("utf8");

function time(nanos: bigint): string {
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = String(nanos % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${seconds}${fraction && `.${fraction}`}Z`;
}

async function describe({ header, content }: TarEntry): Promise<Record<string, unknown>> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const bytes of content) {
    if (length <= BIG) hash.update(bytes);
    length += bytes.length;
    if (length > BIG) break;
  }
  return {
    name: printable(header.name),
    linkname: printable(header.linkname),
    typeflag: header.type,
    mode: header.mode,
    uid: header.uid,
    gid: header.gid,
    uname: header.uname,
    gname: header.gname,
    size: header.size,
    // Go has no time for a global header, and prints year 1.
    mtime: header.type === "g" ? "0001-01-01T00:00:00Z" : time(header.mtime),
    devmajor: header.devMajor,
    devminor: header.devMinor,
    format: ["unknown", "V7", "STAR"].includes(header.format) ? "<unknown>" : header.format,
    ...(length > BIG ? { dataLen: ">64MiB" } : { dataLen: length, sha256: hash.digest("hex") }),
    ...(header.pax.size > 0 ? { pax: Object.fromEntries(header.pax) } : {}),
  };
}

for (const { file, error, entries } of expected) {
  for (const size of [1 << 18, 500]) {
    test(`readTar() reads ${file} as Go does, in chunks of ${size}`, async () => {
      const found: Record<string, unknown>[] = [];
      const reading = (async () => {
        for await (const entry of readTar(chunks(load(file), size))) found.push(await describe(entry));
      })();
      if (error === undefined) await reading;
      else await expect(reading).rejects.toThrow();
      if (error === undefined) expect(found).toEqual(entries as never);
    });
  }
}

test("readTar() reads sparse files far larger than their archive", async () => {
  for (const file of ["gnu-sparse-big.tar.base64", "pax-sparse-big.tar.base64"]) {
    const found: TarEntry[] = [];
    for await (const entry of readTar(chunks(load(file, true), 512))) found.push(entry);
    expect(found.map(({ header, isSparse }) => [header.size, isSparse])).toEqual([[60_000_000_000, true]]);
  }
});

test("readTar() refuses a negative size, and a file shorter than its size", async () => {
  for (const file of ["neg-size.tar.base64", "writer-big-long.tar.base64"]) {
    const reading = (async () => {
      for await (const _entry of readTar(chunks(load(file, true), 512)));
    })();
    await expect(reading).rejects.toThrow();
  }
});

test("readTar() refuses extended headers that are too large before it has read them", async () => {
  const size = 1 << 30;
  for (const type of ["x", "g", "L", "K"]) {
    const header = tarHeaderBlocks({ name: "header", size, type: tarTypes.file, mode: 0o644 });
    const block = Buffer.from(header);
    block.write(type, 156);
    block.write(" ".repeat(8), 148);
    const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const parser = new TarParser();
    expect(() => [...parser.push(block)]).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  }
});
