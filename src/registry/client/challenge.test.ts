import { expect, test } from "bun:test";
import { parseChallenges } from "./challenge.ts";

const read = (header: string | null) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test("parseChallenges() reads Docker Hub's challenge", () => {
  const header = `Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull,push"`;
  expect(read(header)).toEqual([
    [
      "bearer",
      {
        realm: "https://auth.docker.io/token",
        service: "registry.docker.io",
        scope: "repository:library/nginx:pull,push",
      },
    ],
  ]);
});

test("parseChallenges() reads several, bare values, escapes and odd spacing", () => {
  expect(read(`Basic realm="a \\"b\\"", bearer  realm = x ,Service="y"`)).toEqual([
    ["basic", { realm: `a "b"` }],
    ["bearer", { realm: "x", service: "y" }],
  ]);
  expect(read("Negotiate, Basic realm=x")).toEqual([
    ["negotiate", {}],
    ["basic", { realm: "x" }],
  ]);
});

test("parseChallenges() survives hostile headers", () => {
  expect(read(null)).toEqual([]);
  expect(read("")).toEqual([]);
  expect(read('Bearer realm="unterminated')).toEqual([["bearer", {}]]);
  expect(read('Bearer realm="a",realm="b"')).toEqual([["bearer", { realm: "a" }]]);
  expect(read("\u0000\u0001")).toEqual([]);
  const long = `Bearer ${'x="y",'.repeat(100_000)}`;
  expect(parseChallenges(long)).toEqual([]);
  expect(parseChallenges("A ".repeat(4000))).toHaveLength(8);
  expect(parseChallenges(`Bearer realm="${"\\".repeat(8000)}`)).toHaveLength(1);
});
