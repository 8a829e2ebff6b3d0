import { expect, test } from "bun:test";
import Ajv from "ajv";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { allCapabilities, defaultCapabilities } from "./capabilities.ts";
import { serializeSpec } from "./serialize-spec.ts";
import type { HostFacts, RuntimeSpecInput } from "./spec-input.ts";
import { cgroupPathOf, toRuntimeSpec } from "./to-runtime-spec.ts";

const facts: HostFacts = {
  cgroupMode: "v1",
  architecture: "amd64",
  capabilities: allCapabilities,
  limits: { nofile: { soft: 1024, hard: 4096 }, core: { soft: 0, hard: Infinity } },
  oomScoreAdj: 0,
  swapLimit: true,
  cpus: 2,
  cpuList: "0-1",
  memoryNodes: "0",
  realtimeCpu: false,
  apparmor: false,
  thermalPaths: [],
  messageQueues: true,
  devices: [{ path: "/dev/kmsg", type: "c", major: 1, minor: 11, fileMode: 0o600, uid: 0, gid: 0 }],
};
const weak: HostFacts = {
  ...facts,
  capabilities: allCapabilities.filter((name) => name !== "CAP_SYS_RESOURCE"),
};
const input: RuntimeSpecInput = {
  id: "abc",
  args: ["sh"],
  env: ["PATH=/bin"],
  cwd: "/",
  user: { uid: 0, gid: 0 },
  rootfs: "/rootfs",
  hostname: "box",
};
const specOf = (over: Partial<RuntimeSpecInput> = {}, host = facts) =>
  toRuntimeSpec({ ...input, ...over }, host).spec;

function validator() {
  const directory = join(import.meta.dir, "../../../test/data/runtime-spec-schema");
  const ajv = new Ajv({ strict: false, validateSchema: false, logger: false });
  for (const file of readdirSync(directory)) {
    const { $schema: _draft4, ...schema } = JSON.parse(readFileSync(join(directory, file), "utf8"));
    ajv.addSchema({ ...schema, $id: file });
  }
  const validate = ajv.getSchema("config-schema.json");
  if (validate === undefined) throw new Error("no schema");
  return validate;
}

test("toRuntimeSpec() writes what the runtime-spec's schema accepts", () => {
  const validate = validator();
  const everything: Partial<RuntimeSpecInput> = {
    readonlyRootfs: true,
    terminal: true,
    consoleSize: { rows: 24, columns: 80 },
    domainname: "example",
    mounts: [{ destination: "/data", type: "bind", source: "/srv", options: ["rbind", "ro"] }],
    tmpfs: { "/run": "size=1m" },
    network: { path: "/run/netns/x" },
    pid: "host",
    ipc: "host",
    cgroup: "private",
    devices: [{ path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o666, permissions: "rwm" }],
    deviceRules: ["c 42:* rmw"],
    resources: {
      memory: 1 << 26,
      memoryReservation: 1 << 25,
      memorySwappiness: 10,
      oomKillDisable: true,
      nanoCpus: 15e8,
      cpuShares: 512,
      cpusetCpus: "0-1",
      cpusetMems: "0",
      pidsLimit: 100,
      blkioWeight: 300,
    },
    ulimits: [{ name: "core", soft: -1, hard: -1 }],
    sysctls: { "net.core.somaxconn": "1024" },
    oomScoreAdj: 500,
    init: "/usr/bin/tini",
    annotations: { a: "b" },
  };
  for (const over of [{}, everything, { privileged: true }, { seccomp: "unconfined" as const }]) {
    validate(JSON.parse(serializeSpec(specOf(over))));
    expect(validate.errors).toBeNull();
  }
  expect(validate({ ...specOf(), root: 1 })).toBe(false);
});

test("toRuntimeSpec() gives Docker's defaults", () => {
  const spec = specOf();
  expect(spec.process.capabilities).toEqual({
    bounding: defaultCapabilities,
    effective: defaultCapabilities,
    permitted: defaultCapabilities,
  });
  expect(spec.linux.namespaces).toEqual(
    (["mount", "network", "uts", "pid", "ipc"] as const).map((type) => ({ type })),
  );
  expect(spec.mounts.map((mount) => mount.destination)).toEqual([
    "/proc",
    "/dev",
    "/dev/pts",
    "/sys",
    "/sys/fs/cgroup",
    "/dev/mqueue",
    "/dev/shm",
  ]);
  expect(spec.mounts.find((mount) => mount.destination === "/dev/shm")?.options).toContain("size=67108864");
  expect(spec.linux.maskedPaths).toContain("/proc/kcore");
  expect(spec.linux.readonlyPaths).toContain("/proc/sys");
  expect(spec.linux.cgroupsPath).toBe("/slipway/abc");
  expect(spec.linux.sysctl).toEqual({
    "net.ipv4.ip_unprivileged_port_start": "0",
    "net.ipv4.ping_group_range": "0 2147483647",
  });
  expect(spec.hostname).toBe("box");
  expect(spec.process.rlimits).toBeUndefined();
});

test("toRuntimeSpec() on cgroup v2 gives a cgroup namespace, but not to privileged containers", () => {
  const v2: HostFacts = { ...facts, cgroupMode: "v2" };
  const types = (over: Partial<RuntimeSpecInput>) =>
    specOf(over, v2).linux.namespaces.map((each) => each.type);
  expect(types({})).toContain("cgroup");
  expect(types({ privileged: true })).not.toContain("cgroup");
  expect(types({ privileged: true, cgroup: "private" })).toContain("cgroup");
});

test("toRuntimeSpec() privileged opens everything", () => {
  const { linux, mounts, process } = specOf({ privileged: true });
  expect(linux.seccomp).toBeUndefined();
  expect(linux.maskedPaths).toBeUndefined();
  expect(linux.resources?.devices).toEqual([{ allow: true, access: "rwm" }]);
  expect(linux.devices).toEqual(facts.devices);
  expect(process.capabilities?.effective).toEqual(allCapabilities);
  expect(mounts.find((mount) => mount.destination === "/sys")?.options).toContain("rw");
});

test("toRuntimeSpec() shares namespaces as asked", () => {
  const spec = specOf({ network: "host", pid: { path: "/proc/9/ns/pid" }, ipc: "host", uts: "host" });
  expect(spec.linux.namespaces).toEqual([{ type: "mount" }, { type: "pid", path: "/proc/9/ns/pid" }]);
  expect(spec.linux.sysctl).toBeUndefined();
  expect(spec.hostname).toBeUndefined();
  expect(spec.mounts.find((mount) => mount.destination === "/dev/shm")?.source).toBe("/dev/shm");
});

test("toRuntimeSpec() lays the caller's mounts over the default ones, parents first", () => {
  const bind = (destination: string) => ({ destination, type: "bind", source: "/x", options: ["rbind"] });
  const { mounts } = specOf({ mounts: [bind("/a/b/c"), bind("/a"), bind("/dev/shm")] });
  expect(mounts.filter((mount) => mount.destination === "/dev/shm")).toEqual([bind("/dev/shm")]);
  expect(mounts.slice(-3).map((mount) => mount.destination)).toEqual(["/a", "/dev/shm", "/a/b/c"]);
});

test("toRuntimeSpec() never asks for more than the engine may give, and says so", () => {
  const ulimits = [{ name: "nofile", soft: 1 << 20, hard: 1 << 20 }];
  const result = toRuntimeSpec({ ...input, ulimits, oomScoreAdj: -500, capAdd: ["SYS_RESOURCE"] }, weak);
  expect(result.spec.process.rlimits).toEqual([{ type: "RLIMIT_NOFILE", soft: 4096, hard: 4096 }]);
  expect(result.spec.process.oomScoreAdj).toBe(0);
  expect(result.spec.process.capabilities?.bounding).not.toContain("CAP_SYS_RESOURCE");
  expect(result.warnings).toHaveLength(3);
  expect(toRuntimeSpec({ ...input, ulimits, oomScoreAdj: -500 }, facts).warnings).toEqual([]);
});

test("toRuntimeSpec() computes memory, swap and processor limits as Docker", () => {
  const limits = (resources: RuntimeSpecInput["resources"], host = facts) => {
    const { devices: _devices, ...rest } = specOf({ resources }, host).linux.resources ?? {};
    return rest;
  };
  expect(limits({ memory: 100 })).toEqual({ memory: { limit: 100, swap: 200 } });
  expect(limits({ memory: 100, memorySwap: -1 })).toEqual({ memory: { limit: 100, swap: -1 } });
  expect(limits({ memory: 100, memorySwap: 150 })).toEqual({ memory: { limit: 100, swap: 150 } });
  expect(limits({ memory: 100 }, { ...facts, swapLimit: false })).toEqual({ memory: { limit: 100 } });
  expect(limits({ nanoCpus: 15e8 })).toEqual({ cpu: { quota: 150_000, period: 100_000 } });
  expect(limits({ pidsLimit: -1 })).toEqual({});
});

test("toRuntimeSpec() runs the program of --init first", () => {
  const spec = specOf({ init: "/usr/bin/tini", args: ["a", "b"] });
  expect(spec.process.args).toEqual(["/sbin/docker-init", "--", "a", "b"]);
  expect(spec.mounts.at(-1)).toMatchObject({ destination: "/sbin/docker-init", source: "/usr/bin/tini" });
});

test("toRuntimeSpec() refuses what does not exist", () => {
  const refuses = (over: Partial<RuntimeSpecInput>, words: string) =>
    expect(() => specOf(over)).toThrow(words);
  refuses({ capAdd: ["FOO"] }, 'unknown capability: "CAP_FOO"');
  refuses({ ulimits: [{ name: "foo", soft: 1, hard: 1 }] }, "invalid ulimit type: foo");
  refuses({ deviceRules: ["x 1:2 r"] }, "invalid device cgroup rule format: 'x 1:2 r'");
  refuses({ tmpfs: { "/x": "foo" } }, 'invalid tmpfs option "foo"');
  refuses({ seccomp: { profile: "{" } }, "Decoding seccomp profile failed");
});

test("toRuntimeSpec() lets mounts travel where a mount asks for it", () => {
  const propagation = (option: string) => {
    const mounts = [{ destination: "/a", type: "bind", source: "/a", options: ["rbind", option] }];
    return specOf({ mounts }).linux.rootfsPropagation;
  };
  expect(propagation("rprivate")).toBeUndefined();
  expect(propagation("rshared")).toBe("shared");
  expect(propagation("rslave")).toBe("rslave");
});

test("serializeSpec() writes RLIM_INFINITY to the last digit", () => {
  const text = serializeSpec(specOf({ ulimits: [{ name: "core", soft: -1, hard: -1 }] }));
  expect(text).toContain('"soft":18446744073709551615,"hard":18446744073709551615');
});

test("cgroupPathOf() takes a parent with and without slashes", () => {
  expect(cgroupPathOf("x")).toBe("/slipway/x");
  expect(cgroupPathOf("x", "/a/b/")).toBe("/a/b/x");
});
