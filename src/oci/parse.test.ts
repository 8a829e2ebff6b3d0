import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { JsonReader } from "./json-shape.ts";
import { mediaTypes } from "./media-types.ts";
import { readDescriptor } from "./parse-descriptor.ts";
import { parseImageConfig } from "./parse-image-config.ts";
import { children, parseIndex, parseManifest } from "./parse-manifest.ts";

interface Row {
  config?: string;
  descriptor?: string;
  imageIndex?: string;
  manifest?: string;
  fail?: boolean;
}

const url = new URL("../../test/data/image-spec/tables.json", import.meta.url);
const tables = Object.values(
  JSON.parse(readFileSync(url, "utf8")) as Record<string, { func: string; rows: Row[] }[]>,
).flat();

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function json(value: unknown): Uint8Array {
  return bytes(JSON.stringify(value));
}

/** Digests the schema lets pass and we cannot verify; and what Docker writes for an image without layers. */
function departs(document: string): boolean {
  return /(?:\+|\.|multihash)[^"]*:[^"]{20,}"/.test(document) || document.includes('"layers": []');
}

test("the parsers pass and refuse the documents of the image-spec's schema tests", () => {
  const parsers: [keyof Row, string, (data: Uint8Array) => unknown][] = [
    ["config", "TestConfig", parseImageConfig],
    ["config", "TestBackwardsCompatibilityConfig", parseImageConfig],
    ["descriptor", "TestDescriptor", (data) => readDescriptor(JsonReader.parse(data, "descriptor", 4096))],
    ["imageIndex", "TestImageIndex", parseIndex],
    ["manifest", "TestManifest", parseManifest],
  ];
  let rows = 0;
  for (const [member, func, parse] of parsers)
    for (const row of tables.filter((table) => table.func === func).flatMap((table) => table.rows)) {
      const document = String(row[member]);
      if (departs(document)) continue;
      rows += 1;
      if (row.fail === true) expect(() => parse(bytes(document)), document).toThrow(/^Invalid /);
      else expect(() => parse(bytes(document)), document).not.toThrow();
    }
  expect(rows).toBeGreaterThan(50);
});

const digest = `sha256:${"a".repeat(64)}`;
const blob = { mediaType: mediaTypes.ociLayerGzip, digest, size: 3 };
const config = { mediaType: mediaTypes.ociConfig, digest, size: 2 };

test("parseManifest() refuses what is manifest and index at once", () => {
  const both = { schemaVersion: 2, config, layers: [blob], manifests: [blob] };
  expect(() => parseManifest(json(both))).toThrow("Invalid image manifest: manifests does not belong here");
  expect(() => parseIndex(json(both))).toThrow("Invalid image index: layers does not belong here");
  const typed = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, config, layers: [] };
  expect(() => parseManifest(json(typed))).toThrow("mediaType");
});

test("parseManifest() names the place of what is wrong", () => {
  const wrong = { schemaVersion: 2, config, layers: [blob, { ...blob, size: 1.5 }] };
  expect(() => parseManifest(json(wrong))).toThrow(
    "Invalid image manifest: layers[1].size must be a whole number, zero or more",
  );
  expect(() => parseManifest(json({ ...wrong, schemaVersion: 1 }))).toThrow("schemaVersion must be 2");
});

test("parseManifest() refuses hostile documents", () => {
  for (const text of ["", "null", "[]", "1", "{", "[".repeat(100_000), `{"schemaVersion":2,"config":[]}`])
    expect(() => parseManifest(bytes(text)), text.slice(0, 20)).toThrow(/^Invalid image manifest: /);
  expect(() => parseManifest(new Uint8Array(5 * 1024 * 1024))).toThrow("limit");
  expect(() => parseManifest(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow("no JSON");
});

test("parseManifest() keeps a member named __proto__ a member", () => {
  const text = JSON.stringify({ schemaVersion: 2, config, layers: [] });
  const manifest = parseManifest(bytes(text.replace("{", '{"annotations":{"__proto__":"x"},')));
  expect(Object.keys(manifest.annotations ?? {})).toEqual(["__proto__"]);
  expect((manifest as unknown as Record<string, unknown>).polluted).toBeUndefined();
});

test("parseImageConfig() takes Docker's nulls as absent", () => {
  const parsed = parseImageConfig(
    json({
      architecture: "amd64",
      os: "linux",
      config: { Cmd: null, Env: null, Volumes: { "/data": {} }, Labels: null },
      rootfs: { type: "layers", diff_ids: [digest] },
      history: null,
    }),
  );
  expect(parsed).toEqual({
    architecture: "amd64",
    os: "linux",
    config: { Volumes: { "/data": {} } },
    rootfs: { type: "layers", diff_ids: [digest] },
  });
});

test("children() lists config and layers of a manifest, manifests of an index, nothing else", () => {
  const manifest = json({ schemaVersion: 2, config, layers: [blob] });
  expect(children({ mediaType: mediaTypes.dockerManifest }, manifest) as unknown[]).toEqual([config, blob]);
  const entry = { mediaType: mediaTypes.ociManifest, digest, size: 9 };
  const index = json({ schemaVersion: 2, manifests: [entry] });
  expect(children({ mediaType: mediaTypes.ociIndex }, index) as unknown[]).toEqual([entry]);
  expect(children({ mediaType: mediaTypes.ociLayer }, bytes("tar"))).toEqual([]);
});
