import { expect, test } from "bun:test";
import { defaultCapabilities } from "./capabilities.ts";
import type { OciSeccomp } from "./oci-spec.ts";
import { defaultSeccomp, seccompFromProfile } from "./seccomp.ts";

/** The rules that name a system call, in order. */
function rules(profile: OciSeccomp, name: string) {
  return profile.syscalls
    .filter((rule) => rule.names.includes(name))
    .map(({ names: _names, ...rule }) => rule);
}

const profile = defaultSeccomp("amd64", defaultCapabilities);

test("defaultSeccomp() allows the ordinary and refuses the rest with EPERM", () => {
  expect(profile.defaultAction).toBe("SCMP_ACT_ERRNO");
  expect(profile.defaultErrnoRet).toBe(1);
  expect(profile.architectures).toEqual(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]);
  for (const name of ["read", "openat2", "execve", "futex", "chroot", "arch_prctl", "ptrace"]) {
    expect(rules(profile, name)).toEqual([{ action: "SCMP_ACT_ALLOW" }]);
  }
  for (const name of [
    "mount",
    "bpf",
    "keyctl",
    "add_key",
    "kexec_load",
    "setns",
    "io_uring_setup",
    "userfaultfd",
    "reboot",
  ]) {
    expect(rules(profile, name)).toEqual([]);
  }
});

test("defaultSeccomp() looks at the arguments of clone, clone3, socket and personality", () => {
  expect(rules(profile, "clone")).toEqual([
    { action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 2114060288, op: "SCMP_CMP_MASKED_EQ" }] },
  ]);
  expect(rules(profile, "clone3")).toEqual([{ action: "SCMP_ACT_ERRNO", errnoRet: 38 }]);
  expect(rules(profile, "socket")).toEqual([
    { action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 40, op: "SCMP_CMP_NE" }] },
  ]);
  expect(rules(profile, "personality")).toHaveLength(5);
});

test("defaultSeccomp() opens with the capability", () => {
  const admin = defaultSeccomp("amd64", [...defaultCapabilities, "CAP_SYS_ADMIN"]);
  expect(rules(admin, "mount")).toEqual([{ action: "SCMP_ACT_ALLOW" }]);
  expect(rules(admin, "clone")).toEqual([{ action: "SCMP_ACT_ALLOW" }]);
  expect(rules(admin, "clone3")).toEqual([{ action: "SCMP_ACT_ALLOW" }]);
  expect(rules(defaultSeccomp("amd64", []), "chroot")).toEqual([]);
});

test("defaultSeccomp() differs by architecture", () => {
  const arm = defaultSeccomp("arm64", defaultCapabilities);
  expect(arm.architectures).toEqual(["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]);
  expect(rules(arm, "set_tls")).toEqual([{ action: "SCMP_ACT_ALLOW" }]);
  expect(rules(arm, "arch_prctl")).toEqual([]);
  expect(rules(defaultSeccomp("s390x", []), "clone")[0]?.args?.[0]?.index).toBe(1);
});

test("seccompFromProfile() keeps the rules whose conditions hold", () => {
  const json = JSON.stringify({
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [
      { names: ["a"], action: "SCMP_ACT_ERRNO", includes: { caps: ["CAP_CHOWN"] } },
      { names: ["b"], action: "SCMP_ACT_ERRNO", excludes: { caps: ["CAP_CHOWN"] } },
      { name: "c", action: "SCMP_ACT_KILL", args: null },
      { names: ["d"], action: "SCMP_ACT_ERRNO", includes: { arches: ["arm64"] } },
    ],
  });
  const result = seccompFromProfile(json, "amd64", ["CAP_CHOWN"]);
  expect(result.syscalls).toEqual([
    { names: ["a"], action: "SCMP_ACT_ERRNO" },
    { names: ["c"], action: "SCMP_ACT_KILL" },
  ]);
  expect(() => seccompFromProfile('{"syscalls":[{}]}', "amd64", [])).toThrow("without names or action");
});
