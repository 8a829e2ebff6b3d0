/** Ways out of a container through the kernel, tried on each runtime: files of /proc and /sys, devices, system calls. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../engine/lab.ts";
import { EscapeLab } from "./escape-lab.ts";

const corePattern = () => readFileSync("/proc/sys/kernel/core_pattern", "utf8");

/** Each must fail; what succeeds says its name. */
const attempts: Record<string, string> = {
  "write core_pattern": "echo '|/evil' > /proc/sys/kernel/core_pattern",
  "write modprobe": "echo /evil > /proc/sys/kernel/modprobe",
  "write a sysctl of the machine": "echo 1 > /proc/sys/vm/panic_on_oom",
  "press sysrq": "echo h > /proc/sysrq-trigger",
  "write to /proc/irq": "echo 1 > /proc/irq/default_smp_affinity",
  "make /proc writable": "mount -o remount,rw /proc/sys",
  "mount a /proc of its own": "mkdir -p /tmp/p && mount -t proc proc /tmp/p",
  "mount a tmpfs": "mkdir -p /tmp/t && mount -t tmpfs none /tmp/t",
  "bind over a masked path": "mount -o bind /bin /proc/kcore",
  "unmount a mask": "umount /proc/kcore",
  "read kernel memory": "head -c 1 /proc/kcore | grep -q .",
  "read the timers": "grep -q . /proc/timer_list",
  "read the keys": "grep -q . /proc/keys",
  "list the firmware": "ls -A /sys/firmware | grep -q .",
  "write to /sys": "echo 1 > /sys/kernel/mm/ksm/run",
  "write a release agent": "echo /evil > /sys/fs/cgroup/memory/release_agent",
  "leave its cgroup":
    "for d in /sys/fs/cgroup /sys/fs/cgroup/memory; do test -e $d/cgroup.procs && echo $$ > $d/cgroup.procs && exit; done; false",
  "open the host's disk": "busybox mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk | grep -q .",
  "open physical memory": "busybox mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem",
  "open the kernel's log": "busybox mknod /tmp/kmsg c 1 11 && head -c 1 /tmp/kmsg",
  "open the watchdog": "busybox mknod /tmp/dog c 10 130 && : < /tmp/dog",
  "open the host's terminal": "busybox mknod /tmp/tty1 c 4 1 && : < /tmp/tty1",
  "see processes of the host": "test $(ls -d /proc/[0-9]* | wc -l) -gt 12",
  "enter the host through process 1": "ls /proc/1/root/../boot",
  "signal an unseen process": "kill -0 $HOST_PID",
  "load a module": "busybox insmod /bin/busybox",
  "change the clock": "busybox date -s 2001-01-01 2>&1 | grep -q 't set' && false",
  "enter a new user namespace": "busybox unshare -U true",
  "enter a new mount namespace": "busybox unshare -m true",
  "change its root": "busybox chroot /proc/1/root/../.. ls /boot",
  "change the host's name": "busybox hostname evil",
};

/** Calls that Docker's seccomp profile refuses, x86-64. Arguments are such that an allowed call would say otherwise. */
const calls: Record<string, [number, ...number[]]> = {
  add_key: [248, 0, 0, 0, 0, -2],
  request_key: [249, 0, 0, 0, 0],
  keyctl: [250, 0, -3, 0],
  bpf: [321, 0, 0, 0],
  userfaultfd: [323, 0],
  perf_event_open: [298, 0, 0, -1, -1, 0],
  "unshare of a user namespace": [272, 0x10000000],
  "clone of a user namespace": [56, 0x10000011, 0, 0, 0, 0],
  setns: [308, 0, 0],
  mount: [165, 0, 0, 0, 0, 0],
  umount2: [166, 0, 0],
  pivot_root: [155, 0, 0],
  open_tree: [428, -100, 0, 0],
  move_mount: [429, -100, 0, -100, 0, 0],
  fsopen: [430, 0, 0],
  mount_setattr: [442, -100, 0, 0, 0, 0],
  open_by_handle_at: [304, -100, 0, 0],
  init_module: [175, 0, 0, 0],
  finit_module: [313, -1, 0, 0],
  delete_module: [176, 0, 0],
  kexec_load: [246, 0, 0, 0, 0],
  reboot: [169, 0, 0, 0, 0],
  swapon: [167, 0, 0],
  settimeofday: [164, 0, 0],
  acct: [163, 0],
  iopl: [172, 3],
  quotactl: [179, 0, 0, 0, 0],
  syslog: [103, 2, 0, 0],
  lookup_dcookie: [212, 0, 0, 0],
  io_uring_setup: [425, 0, 0],
};
const EPERM = 1;

/** Prints each call's errno; 0 when it went through. Runs in the container, on the host's Bun. */
const caller = `
import { dlopen } from "bun:ffi";
const { symbols: c } = dlopen("libc.so.6", {
  syscall: { args: Array(7).fill("i64"), returns: "i64" },
  __errno_location: { args: [], returns: "ptr" },
});
import { read } from "bun:ffi";
const said = {};
for (const [name, call] of Object.entries(JSON.parse(process.env.CALLS))) {
  const result = c.syscall(...Array.from({ length: 7 }, (_, n) => BigInt(call[n] ?? 0)));
  if (name.startsWith("clone") && result === 0n) process.exit(0);
  said[name] = Number(result) < 0 ? read.i32(c.__errno_location(), 0) : 0;
}
console.log(JSON.stringify(said));
`;

describe.each(["crun", "runc"])("%s", (runtime) => {
  let lab: EscapeLab;
  beforeAll(async () => void (lab = await EscapeLab.open(runtime)));
  afterAll(async () => await lab?.[Symbol.asyncDispose]());

  const script = Object.entries(attempts)
    .map(([name, text]) => `( ${text} ) >/dev/null 2>&1 && echo "${name}"`)
    .join("\n");

  test("files of /proc and /sys, devices, mounts and other namespaces are closed", async () => {
    const before = corePattern();
    const ran = await run(lab.engine, ["sh", "-c", `${script}\ntrue`], { Env: [`HOST_PID=${process.pid}`] });
    expect(ran).toMatchObject({ code: 0, stdout: "" });
    expect(corePattern()).toBe(before);
  });

  test("the same is closed to another process that joins", async () => {
    const id = await lab.ready(`export HOST_PID=${process.pid}`);
    expect(await lab.exec(id, ["sh", "-c", script.replaceAll("$HOST_PID", String(process.pid))])).toBe("");
    await lab.remove(id);
  });

  test.skipIf(process.arch !== "x64")("system calls beyond the default profile are refused", async () => {
    const program = join(lab.root, "../calls.mjs");
    writeFileSync(program, caller);
    const libraries = ["/lib", "/lib64", "/usr/lib"].filter((path) => existsSync(path));
    const ran = await run(lab.engine, ["/bun", "/calls.mjs"], {
      Env: [`CALLS=${JSON.stringify(calls)}`],
      HostConfig: {
        Binds: [
          `${process.execPath}:/bun:ro`,
          `${program}:/calls.mjs:ro`,
          ...libraries.map((path) => `${path}:${path}:ro`),
        ],
      },
    });
    expect(ran.stderr).toBe("");
    const expected = Object.fromEntries(Object.keys(calls).map((name) => [name, EPERM]));
    expect(JSON.parse(ran.stdout)).toEqual(expected);
  });

  test("processes of the host cannot be traced", async () => {
    const ran = await run(lab.engine, [
      "sh",
      "-c",
      `ls /proc/${process.pid}/ 2>&1; cat /proc/1/status | grep NSpid`,
    ]);
    expect(ran.stdout).toContain("No such file");
    const child = await lab.ready("true", { HostConfig: { PidMode: "host" } });
    const said = await lab.exec(child, [
      "sh",
      "-c",
      `cd /proc/${process.pid}; head -c 1 mem; ls root/boot; cat environ; readlink exe || echo denied`,
    ]);
    expect(said.match(/denied|not permitted/g)?.length).toBe(4);
    await lab.remove(child);
  });
});
