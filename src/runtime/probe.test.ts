import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probePrograms } from "./probe.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "slipway-probe-"));
  for (const name of ["crun", "runc", "conmon", "unshare", "mount", "busybox"]) {
    writeFileSync(join(directory, name), "");
    chmodSync(join(directory, name), 0o755);
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

const probe = (runtime: string | undefined, cgroupMode: "v1" | "v2" | "hybrid") =>
  probePrograms({ runtime, cgroupMode, searchPath: directory });

test("probePrograms() prefers crun and finds conmon", () => {
  expect(probe(undefined, "v2")).toMatchObject({
    name: "crun",
    path: join(directory, "crun"),
    conmon: join(directory, "conmon"),
    createWrapper: [],
  });
});

test("probePrograms() takes the runtime asked for, by name and by path", () => {
  expect(probe("runc", "hybrid")).toMatchObject({ name: "runc", createWrapper: [] });
  expect(probe(join(directory, "runc"), "v1").path).toBe(join(directory, "runc"));
});

test("probePrograms() wraps crun on a hybrid host, where it covers the v2 tree", () => {
  const { createWrapper } = probe("crun", "hybrid");
  expect(createWrapper[0]).toBe(join(directory, "unshare"));
  expect(createWrapper.join(" ")).toContain("/sys/fs/cgroup/unified");
});

test("probePrograms() says what is missing", () => {
  expect(() => probe("kata", "v2")).toThrow("unknown or invalid runtime name: kata");
  expect(() => probe("/nowhere/crun", "v2")).toThrow(/"\/nowhere\/crun" is missing.*apt-get install crun/);
});

test("probePrograms() lets busybox make crun's mount namespace where it is built for that", () => {
  const busybox = join(directory, "busybox");
  writeFileSync(busybox, "#!/bin/sh\nprintf 'sh\\nmount\\nunshare\\n'", { mode: 0o755 });
  expect(probe("crun", "hybrid").createWrapper.slice(0, 2)).toEqual([busybox, "unshare"]);
  writeFileSync(busybox, "#!/bin/sh\nprintf 'sh\\nmount\\n'", { mode: 0o755 });
  expect(probe("crun", "hybrid").createWrapper[0]).toBe(join(directory, "unshare"));
});
