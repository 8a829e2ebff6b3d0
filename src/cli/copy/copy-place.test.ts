import { expect, test } from "bun:test";
import { absolutePath, parseCopyArgument, planCopy, splitPath } from "./copy-place.ts";

test("parseCopyArgument() tells containers from paths as Docker does", () => {
  expect(parseCopyArgument("box:/a:b")).toEqual({ kind: "container", container: "box", path: "/a:b" });
  expect(parseCopyArgument("box:rel")).toEqual({ kind: "container", container: "box", path: "rel" });
  for (const path of ["/a:b", "./a:b", "../a:b", "plain", "-"])
    expect(parseCopyArgument(path)).toEqual({ kind: "local", path });
});

test("splitPath() keeps a dot at the end as the last component", () => {
  expect(splitPath("/a/b")).toEqual({ directory: "/a", base: "b" });
  expect(splitPath("/a/b/")).toEqual({ directory: "/a", base: "b" });
  expect(splitPath("/a/b/.")).toEqual({ directory: "/a/b", base: "." });
  expect(splitPath("/")).toEqual({ directory: "/", base: "/" });
});

test("absolutePath() keeps the slash or dot a path ends in", () => {
  expect(absolutePath("x", "/w")).toBe("/w/x");
  expect(absolutePath("x/", "/w")).toBe("/w/x/");
  expect(absolutePath("x/.", "/w")).toBe("/w/x/.");
  expect(absolutePath(".", "/w")).toBe("/w/.");
  expect(absolutePath("/", "/w")).toBe("/");
});

const file = { path: "/src/f", exists: true, isDirectory: false };
const directory = { path: "/src/d", exists: true, isDirectory: true };
const place = (path: string, kind: "file" | "directory" | "absent") => ({
  path,
  exists: kind !== "absent",
  isDirectory: kind === "directory",
});

test("planCopy() follows Docker's rules", () => {
  expect(planCopy(file, place("/t", "directory"))).toEqual({ directory: "/t", name: undefined });
  expect(planCopy(file, place("/t/g", "file"))).toEqual({ directory: "/t", name: "g" });
  expect(planCopy(file, place("/t/g", "absent"))).toEqual({ directory: "/t", name: "g" });
  expect(planCopy(directory, place("/t", "directory"))).toEqual({ directory: "/t", name: undefined });
  expect(planCopy(directory, place("/t/n", "absent"))).toEqual({ directory: "/t", name: "n" });
  expect(planCopy(directory, place("/t/n/", "absent"))).toEqual({ directory: "/t", name: "n" });
  expect(() => planCopy(file, place("/t/n/", "absent"))).toThrow("no such directory");
  expect(() => planCopy(directory, place("/t/f", "file"))).toThrow("cannot copy directory");
});
