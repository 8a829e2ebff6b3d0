import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Descriptor } from "./descriptor.ts";
import { platformDistance, selectManifest } from "./platform-match.ts";
import { formatPlatform, hostPlatform, normalizePlatform, parsePlatform, type Platform } from "./platform.ts";

interface GoPlatform {
  OS: string | object;
  Architecture: string | object;
  Variant?: string | object;
  OSVersion?: string;
  OSFeatures?: string[];
}

const url = new URL("../../test/data/platforms/tables.json", import.meta.url);
const tables = Object.values(
  JSON.parse(readFileSync(url, "utf8")) as Record<string, { func: string; rows: unknown[] }[]>,
).flat();

function rows<T>(func: string): T[] {
  return tables.filter((table) => table.func === func).flatMap((table) => table.rows as T[]);
}

const host = parsePlatform("linux/amd64");

/** The tables name the host's own values by an expression. */
function fromGo(platform: GoPlatform): Platform {
  const variant = typeof platform.Variant === "string" ? platform.Variant : "";
  return {
    os: typeof platform.OS === "string" ? platform.OS : host.os,
    architecture: typeof platform.Architecture === "string" ? platform.Architecture : host.architecture,
    ...(variant !== "" && { variant }),
    ...(platform.OSVersion !== undefined &&
      platform.OSVersion !== "" && { "os.version": platform.OSVersion }),
    ...(platform.OSFeatures !== undefined && { "os.features": platform.OSFeatures }),
  };
}

interface SelectorRow {
  skip?: boolean;
  input: string;
  expected: GoPlatform;
  matches?: GoPlatform[];
  formatted: string | { $expr: string };
}

test("parsePlatform() and formatPlatform() answer upstream's selector table", () => {
  for (const row of rows<SelectorRow>("TestParseSelector")) {
    if (row.skip === true) {
      expect(() => parsePlatform(row.input, host), row.input).toThrow();
      continue;
    }
    const parsed = parsePlatform(row.input, host);
    expect(parsed, row.input).toEqual(fromGo(row.expected));
    const formatted =
      typeof row.formatted === "string"
        ? row.formatted
        : [.../"([^"]*)"|defaultOS|defaultArch/g[Symbol.matchAll](row.formatted.$expr)]
            .map((m) => m[1] ?? (m[0] === "defaultOS" ? host.os : host.architecture))
            .join("/");
    expect(formatPlatform(parsed)).toBe(formatted);
    for (const match of row.matches ?? [])
      expect(platformDistance(parsed, fromGo(match), { exact: true })).toBe(0);
  }
});

test("parsePlatform() refuses what is none", () => {
  for (const { input } of rows<{ input: string }>("TestParseSelectorInvalid"))
    expect(() => parsePlatform(input), input).toThrow();
  for (const input of ["bogus", "linux(%zz)/amd64", "a".repeat(10_000), "linux//v1"])
    expect(() => parsePlatform(input), input).toThrow();
});

test("formatPlatform() escapes versions and features", () => {
  for (const row of rows<{ platform: GoPlatform; expected: string }>("TestFormatAllEncoding"))
    expect(formatPlatform(fromGo(row.platform))).toBe(row.expected);
});

interface MatchRow {
  platform: string;
  matches: { true: string[]; false: string[] };
}

test("platformDistance() answers upstream's compatible and exact tables", () => {
  for (const [func, exact] of [
    ["TestOnly", false],
    ["TestOnlyStrict", true],
  ] as const)
    for (const { platform, matches } of rows<MatchRow>(func))
      for (const fits of [true, false])
        for (const candidate of matches[`${fits}`]) {
          const distance = platformDistance(parsePlatform(platform), parsePlatform(candidate), { exact });
          expect(distance !== undefined, `${func} ${platform} ${candidate}`).toBe(fits);
        }
});

function entry(text: string | undefined): Descriptor {
  const base = { mediaType: "m", digest: `sha256:${text ?? ""}`, size: 1 } as unknown as Descriptor;
  return text === undefined ? base : { ...base, platform: parsePlatform(text) };
}

test("selectManifest() takes the nearest entry and the one with most features", () => {
  const pick = (wanted: string, ...entries: (string | undefined)[]): string | undefined => {
    const found = selectManifest(entries.map(entry), parsePlatform(wanted));
    return found && (found.platform === undefined ? "none" : formatPlatform(found.platform));
  };
  expect(pick("linux/amd64", "linux/386", "linux/arm64", "linux/amd64")).toBe("linux/amd64");
  expect(pick("linux/amd64/v3", "linux/amd64", "linux/amd64/v2", "linux/amd64/v4")).toBe("linux/amd64/v2");
  expect(pick("linux/arm64", "linux/arm/v7", "linux/arm/v8")).toBe("linux/arm/v8");
  expect(pick("linux/amd64", "linux/arm64", "unknown/unknown")).toBeUndefined();
  expect(pick("linux/amd64", undefined, "linux/amd64")).toBe("linux/amd64");
  expect(pick("linux/amd64", "linux/arm64", undefined)).toBe("none");
  for (const row of rows<{ platform?: string; platforms?: string[]; expected?: string[] }>(
    "TestCompareOSFeatures",
  ))
    if (row.platform !== undefined)
      expect(pick(row.platform, ...(row.platforms ?? []))).toBe(row.expected?.[0]);
});

test("hostPlatform() is Linux in normal spelling", () => {
  expect(hostPlatform().os).toBe("linux");
  expect(normalizePlatform(hostPlatform())).toEqual(hostPlatform());
});
