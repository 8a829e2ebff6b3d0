import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collect, Fixture, runtimes } from "./fixture.ts";

describe.each([...runtimes])("%s", (name) => {
  let fixture: Fixture;
  beforeAll(async () => void (fixture = await Fixture.open(name)));
  afterAll(() => fixture[Symbol.asyncDispose]());
  const sh = (script: string, over = {}) => fixture.run(["sh", "-c", script], over);

  test("a default container has Docker's capabilities, seccomp filter and hostname", async () => {
    const { stdout } = await sh("grep -E '^(Cap|Seccomp:|NoNewPrivs)' /proc/self/status; hostname");
    expect(stdout.replaceAll("\t", " ").split("\n")).toEqual([
      "CapInh: 0000000000000000",
      "CapPrm: 00000000a80425fb",
      "CapEff: 00000000a80425fb",
      "CapBnd: 00000000a80425fb",
      "CapAmb: 0000000000000000",
      "NoNewPrivs: 0",
      "Seccomp: 2",
      "box",
      "",
    ]);
  });

  test("the second container, which takes the compiled filter, is filtered alike", async () => {
    for (let round = 0; round < 2; round += 1) {
      const { stdout, exitCode } = await sh("grep Seccomp: /proc/self/status; unshare -U true || exit 3");
      expect(stdout).toBe("Seccomp:\t2\n");
      expect(exitCode).toBe(3);
    }
  });

  test("another user than root starts without capabilities in effect", async () => {
    const { stdout } = await sh("id -u; grep CapEff /proc/self/status", { user: { uid: 1000, gid: 1000 } });
    expect(stdout).toBe("1000\nCapEff:\t0000000000000000\n");
  });

  test.each([
    ["write to /proc/sys", "echo 1 > /proc/sys/kernel/panic"],
    ["write to sysrq", "echo h > /proc/sysrq-trigger"],
    ["read kernel memory", "test -s /proc/kcore && head -c 1 /proc/kcore | grep ."],
    ["read timers", "grep . /proc/timer_list"],
    ["list firmware", "ls -A /sys/firmware | grep ."],
    ["mount", "mount -t tmpfs none /tmp"],
    [
      "write to /sys",
      "d=/sys/fs/cgroup/pids; test -d $d || d=/sys/fs/cgroup; mkdir $d/x || echo 1 > /sys/kernel/mm/ksm/run",
    ],
    ["open a disk by a node of its own", "mknod /tmp/disk b 254 0; head -c 1 /tmp/disk"],
    ["open /dev/kmsg", "mknod /tmp/kmsg c 1 11; head -c 1 /tmp/kmsg"],
    ["change the clock", "! date -s 2001-01-01 2>&1 | grep -q 't set date'"],
    ["load modules", "insmod /etc/passwd"],
    ["see host processes", "test $(ls -d /proc/[0-9]* | wc -l) -gt 10"],
    ["enter a new user namespace", "unshare -U true"],
  ])("a container cannot %s", async (_what, script) => {
    expect((await sh(`(${script}) 2>/dev/null`)).exitCode).not.toBe(0);
  });

  test("devices, shared memory and terminals are the default ones", async () => {
    const { stdout } = await sh(
      "ls /dev; df -k /dev/shm | tail -1; echo x > /dev/null; head -c 1 /dev/zero | wc -c",
    );
    expect(stdout).toContain("65536");
    for (const device of [
      "full",
      "mqueue",
      "null",
      "ptmx",
      "pts",
      "random",
      "shm",
      "tty",
      "urandom",
      "zero",
    ]) {
      expect(stdout.split("\n")).toContain(device);
    }
    expect(stdout).not.toContain("kmsg");
    expect(stdout).toEndWith("1\n");
  });

  test("privileged: all capabilities of the engine, no filter, devices, writable /sys", async () => {
    const script =
      "grep -E '^Seccomp:' /proc/self/status; test -e /dev/kmsg && echo kmsg; mkdir /tmp/m && mount -t tmpfs none /tmp/m && echo mounted";
    const { stdout } = await sh(script, { privileged: true });
    expect(stdout).toBe("Seccomp:\t0\nkmsg\nmounted\n");
  });

  test("limits reach the cgroup and the process", async () => {
    const over = {
      resources: { memory: 64 << 20, pidsLimit: 50, nanoCpus: 5e8, cpuShares: 512 },
      ulimits: [{ name: "nofile", soft: 100, hard: 200 }],
      shmSize: 1 << 20,
    };
    const script =
      "cd /sys/fs/cgroup; cat memory*/memory.limit_in_bytes pids*/pids.max cpu*/cpu.cfs_quota_us 2>/dev/null || cat memory.max pids.max cpu.max; ulimit -n; ulimit -Hn; df -k /dev/shm | tail -1";
    const { stdout } = await sh(script, over);
    expect(stdout).toContain("67108864\n50\n");
    expect(stdout).toContain("50000");
    expect(stdout).toContain("100\n200\n");
    expect(stdout).toMatch(/ 1024 /);
  });

  test("unlimited ulimits are unlimited, also from a config.json that rounds them", async () => {
    const { id, bundle } = fixture.bundle(["sh", "-c", "ulimit -c; ulimit -Hc"], {
      ulimits: [{ name: "core", soft: -1, hard: -1 }],
    });
    const path = join(bundle, "config.json");
    writeFileSync(path, JSON.stringify(JSON.parse(readFileSync(path, "utf8"))));
    const task = await fixture.runtime.create(id, bundle, {
      terminal: false,
      stdin: false,
      stdinOnce: false,
      logPath: join(bundle, "log"),
    });
    await using attachment = await task.attach();
    const output = collect(attachment);
    await task.start();
    expect((await output).stdout).toBe("unlimited\nunlimited\n");
  });

  test("a read-only root, tmpfs, a bind mount and --init", async () => {
    const over = {
      readonlyRootfs: true,
      tmpfs: { "/tmp": "size=1m" },
      mounts: [{ destination: "/root", type: "bind", source: fixture.rootfs, options: ["rbind", "ro"] }],
    };
    const { stdout, stderr } = await sh(
      "touch /x; echo y > /tmp/y && cat /tmp/y; ls /root; touch /root/z",
      over,
    );
    expect(stdout).toContain("y\n");
    expect(stdout).toContain("not-executable");
    expect(stderr.match(/Read-only file system/g)).toHaveLength(2);
  });

  test("working directories inside /proc/self/fd do not lead out", async () => {
    for (let fd = 3; fd < 12; fd += 1) {
      const result = await fixture
        .run(["ls", "../../../"], { cwd: `/proc/self/fd/${fd}` })
        .catch(() => undefined);
      expect(result?.stdout ?? "").not.toContain("work");
    }
  });
});
