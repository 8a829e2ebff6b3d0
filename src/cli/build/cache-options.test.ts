import { expect, test } from "bun:test";
import { parseCacheFrom, parseCacheTo } from "./cache-options.ts";

test("parseCacheFrom() reads a reference alone, a registry, a directory", () => {
  expect(parseCacheFrom("app")).toEqual({ type: "image", reference: "docker.io/library/app" });
  expect(parseCacheFrom("type=registry,ref=reg.example:5000/app:cache")).toEqual({
    type: "registry",
    reference: "reg.example:5000/app:cache",
  });
  expect(parseCacheFrom("type=local,src=/c,tag=x")).toEqual({ type: "local", path: "/c", tag: "x" });
});

test("parseCacheTo() reads mode, compression, and mounts by id, several or all", () => {
  expect(parseCacheTo("type=inline")).toEqual({ type: "inline" });
  expect(
    parseCacheTo(
      "type=registry,ref=r.example/c,mode=max,compression=zstd,mounts=npm,mounts=/root/.cache,ignore-error=true",
    ),
  ).toEqual({
    type: "registry",
    reference: "r.example/c",
    mode: "max",
    compression: "zstd",
    mounts: ["npm", "/root/.cache"],
    ignoreError: true,
  });
  expect(parseCacheTo("type=local,dest=/c,mounts=all,image-manifest=true")).toEqual({
    type: "local",
    path: "/c",
    mounts: "all",
  });
});

for (const [word, why] of [
  ["type=gha", 'unknown cache type "gha": use "registry", "local" or "inline"'],
  ["type=registry", "ref is required for a registry cache"],
  ["type=local", "dest is required for a local cache"],
  ["type=local,dest=/c,mode=all", 'invalid mode "all": use "min" or "max"'],
  ["type=inline,mode=max", 'the option "mode" is not supported'],
  ["type=local,dest=/c,image-manifest=false", 'invalid image-manifest "false": use "true"'],
  ["ref=x", "type is required"],
] as const)
  test(`parseCacheTo() refuses "${word}"`, () => {
    expect(() => parseCacheTo(word)).toThrow(`ERROR: failed to build: --cache-to ${word}: ${why}`);
  });
