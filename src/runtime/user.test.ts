import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { readAccounts, readAccountsToStart, resolveUser } from "./user.ts";

const files = {
  passwd:
    "# comment\nroot:x:0:0:root:/root:/bin/sh\n\nann:x:1000:1001::/home/ann:/bin/sh\n7:x:70:70::/seven:\nbroken\n",
  group: "root:x:0:\nann:x:1001:\nstaff:x:50:bob,ann\nwheel:x:10:root,ann\n",
};
const resolve = (spec: string, groupAdd: string[] = []) => resolveUser(spec, groupAdd, files);

test.each([
  ["", { uid: 0, gid: 0, additionalGids: [0, 10], home: "/root" }],
  ["ann", { uid: 1000, gid: 1001, additionalGids: [1001, 50, 10], home: "/home/ann" }],
  ["1000", { uid: 1000, gid: 1001, additionalGids: [1001, 50, 10], home: "/home/ann" }],
  ["ann:wheel", { uid: 1000, gid: 10, additionalGids: [10], home: "/home/ann" }],
  ["ann:5", { uid: 1000, gid: 5, additionalGids: [5], home: "/home/ann" }],
  ["4242", { uid: 4242, gid: 0, additionalGids: [0], home: "/" }],
  ["4242:4343", { uid: 4242, gid: 4343, additionalGids: [4343], home: "/" }],
  ["7", { uid: 70, gid: 70, additionalGids: [70], home: "/seven" }],
  [":staff", { uid: 0, gid: 50, additionalGids: [50], home: "/root" }],
])("resolveUser(%p)", (spec, expected) => {
  expect(resolve(spec)).toEqual(expected);
});

test("resolveUser() adds the groups of --group-add by name and number, once", () => {
  expect(resolve("ann", ["staff", "999", "root"]).additionalGids).toEqual([1001, 50, 10, 999, 0]);
});

test("resolveUser() refuses in Docker's words", () => {
  expect(() => resolve("foo")).toThrow("unable to find user foo: no matching entries in passwd file");
  expect(() => resolve("ann:foo")).toThrow("unable to find group foo: no matching entries in group file");
  expect(() => resolve("ann", ["foo"])).toThrow("Unable to find group foo");
  expect(() => resolve("-1")).toThrow("uids and gids must be in range 0-2147483647");
  expect(() => resolve("2147483648")).toThrow("uids and gids must be in range 0-2147483647");
});

test("readAccounts() stays inside the root and passes over what is no file", () => {
  const root = mkdtempSync(join(tmpdir(), "slipway-accounts-"));
  try {
    mkdirSync(join(root, "etc"));
    mkdirSync(join(root, "usr"));
    expect(readAccounts(root)).toEqual({ passwd: "", group: "" });
    symlinkSync("/usr/passwd", join(root, "etc/passwd"));
    symlinkSync("../../../../../../etc/group", join(root, "etc/group"));
    expect(readAccounts(root)).toEqual({ passwd: "", group: "" });
    writeFileSync(join(root, "usr/passwd"), "inside");
    expect(readAccounts(root).passwd).toBe("inside");
    expect(() => readAccountsToStart(root)).toThrow("/etc/group of the container is not a regular file");
    rmSync(join(root, "etc/group"));
    spawnSync("mkfifo", [join(root, "etc/group")]);
    expect(readAccounts(root).group).toBe("");
    expect(() => readAccountsToStart(root)).toThrow("/etc/group of the container is not a regular file");
    rmSync(join(root, "etc/group"));
    expect(readAccountsToStart(root)).toEqual({ passwd: "inside", group: "" });
  } finally {
    rmSync(root, { recursive: true });
  }
});
