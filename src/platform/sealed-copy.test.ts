import { spawnSync } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { expect, test } from "bun:test";
import { sealedCopy } from "./sealed-copy.ts";

test("sealedCopy() runs as the program does, and nobody can write to it", () => {
  const copy = sealedCopy("/bin/busybox");
  expect(spawnSync(copy.path, ["echo", "here"], { argv0: "busybox", encoding: "utf8" }).stdout).toBe(
    "here\n",
  );
  expect(readFileSync(copy.path)).toEqual(readFileSync("/bin/busybox"));
  expect(() => openSync(copy.path, "w")).toThrow();
  copy[Symbol.dispose]();
  expect(() => readFileSync(copy.path)).toThrow();
});
