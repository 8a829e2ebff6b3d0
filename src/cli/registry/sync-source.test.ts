import { expect, test } from "bun:test";
import { parseSyncSource, parseSyncTarget } from "./sync-source.ts";

test("parseSyncSource() reads a repository, or patterns of repositories and tags", () => {
  const cases: [string, string, string | undefined, string | undefined][] = [
    ["nginx", "docker.io", "library/nginx", undefined],
    ["r.example.org:5000/team/app", "r.example.org:5000", "team/app", undefined],
    ["r.example.org/team/app:v*", "r.example.org", "team/app", "v*"],
    ["localhost/**", "localhost", undefined, undefined],
    ["127.0.0.1:5000/team/*:v1.?", "127.0.0.1:5000", undefined, "v1.?"],
  ];
  for (const [text, domain, repository, tags] of cases)
    expect(parseSyncSource(text)).toMatchObject({ domain, repository, tags });
  const { matches } = parseSyncSource("r.example.org/team/*");
  expect([matches("team/app"), matches("team/app/base"), matches("other")]).toEqual([true, false, false]);
  for (const text of ["team/*", "*", "*/a", "/x*"])
    expect(() => parseSyncSource(text)).toThrow("names no registry");
});

test("parseSyncTarget() reads a host and a prefix", () => {
  expect(parseSyncTarget("r.example.org")).toEqual({ domain: "r.example.org", prefix: "" });
  expect(parseSyncTarget("localhost:5000/mirror/hub/")).toEqual({
    domain: "localhost:5000",
    prefix: "mirror/hub/",
  });
});
