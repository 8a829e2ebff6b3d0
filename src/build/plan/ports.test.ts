import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { expandPorts } from "./ports.ts";

const url = new URL("../../../test/data/dockerfile/dockerfile_parser.json", import.meta.url);
const tables = Object.values(
  JSON.parse(readFileSync(url, "utf8")) as Record<string, { func: string; rows: unknown }[]>,
).flat();

function rows<T>(func: string): T {
  return tables.find((table) => table.func === func)?.rows as T;
}

test("expandPorts() answers BuildKit's tables", () => {
  for (const { spec, expected } of rows<{ spec: string; expected: string[] }[]>("TestPartPortIPV6"))
    expect(expandPorts(spec), spec).toEqual(expected);
  for (const { spec, expError } of rows<{ spec: string; expError: string }[]>(
    "TestParsePortEmptyContainerPort",
  ))
    expect(() => expandPorts(spec), spec).toThrow(expError);
});

test("expandPorts() spells out ranges and refuses what is no port", () => {
  expect(expandPorts("8000-8002/UDP")).toEqual(["8000/udp", "8001/udp", "8002/udp"]);
  expect(expandPorts("80/")).toEqual(["80/tcp"]);
  for (const text of ["x", "1-", "2-1", "65536", "80/icmp", "-1", "80/tcp/udp"])
    expect(() => expandPorts(text), text).toThrow(/invalid (containerPort|proto|port)/);
});
