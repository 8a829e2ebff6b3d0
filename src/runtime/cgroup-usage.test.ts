import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseCgroups, readCgroupUsage } from "./cgroup-usage.ts";

const base = mkdtempSync(join(tmpdir(), "cgroup-usage-"));
afterAll(() => rmSync(base, { recursive: true }));

/** Files as the kernel would show them, by path below `proc` or `cgroup`. */
function host(name: string, files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, name, path)), { recursive: true });
    writeFileSync(join(base, name, path), text);
  }
  return { proc: join(base, name, "proc"), cgroup: join(base, name, "cgroup") };
}

test("parseCgroups() finds the directory of each controller on v1, v2 and hybrid hosts", () => {
  const v1 = "4:memory:/slipway/abc\n3:cpu,cpuacct:/slipway/abc\n1:name=systemd:/x\n";
  expect(parseCgroups(v1, "/cg").get("memory")).toBe("/cg/memory/slipway/abc");
  expect(parseCgroups(v1, "/cg").get("cpuacct")).toBe("/cg/cpu,cpuacct/slipway/abc");
  expect(parseCgroups("0::/slipway/abc\n", "/cg").get("")).toBe("/cg/slipway/abc");
  expect(parseCgroups(`${v1}0::/u:x\n`, "/cg").get("")).toBe("/cg/unified/u:x");
});

test("readCgroupUsage() reads v2, times in nanoseconds", async () => {
  const roots = host("v2", {
    "proc/7/cgroup": "0::/slipway/abc\n",
    "cgroup/slipway/abc/cpu.stat":
      "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_periods 4\nnr_throttled 2\nthrottled_usec 30\n",
    "cgroup/slipway/abc/memory.current": "4096\n",
    "cgroup/slipway/abc/memory.max": "max\n",
    "cgroup/slipway/abc/memory.stat": "anon 1024\ninactive_file 512\n",
    "cgroup/slipway/abc/pids.current": "3\n",
    "cgroup/slipway/abc/pids.max": "100\n",
    "cgroup/slipway/abc/io.stat": "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n",
  });
  expect(await readCgroupUsage(7, "abc", roots)).toEqual({
    cpu: {
      total: 1_500_000,
      user: 1_000_000,
      kernel: 500_000,
      periods: 4,
      throttledPeriods: 2,
      throttledTime: 30_000,
    },
    memory: { usage: 4096, stats: { anon: 1024, inactive_file: 512 } },
    pids: { current: 3, limit: 100 },
    io: [
      { major: 8, minor: 0, op: "read", value: 10 },
      { major: 8, minor: 0, op: "write", value: 20 },
    ],
  });
});

test("readCgroupUsage() reads v1, and a controller that a hybrid host has in v2", async () => {
  const lines = ["5:cpuacct:/c/abc", "4:cpu:/c/abc", "3:memory:/c/abc", "2:blkio:/c/abc", "0::/c/abc", ""];
  const roots = host("hybrid", {
    "proc/7/cgroup": lines.join("\n"),
    "cgroup/cpuacct/c/abc/cpuacct.usage": "123456\n",
    "cgroup/cpuacct/c/abc/cpuacct.usage_percpu": "100000 23456\n",
    "cgroup/cpuacct/c/abc/cpuacct.stat": "user 3\nsystem 2\n",
    "cgroup/cpu/c/abc/cpu.stat": "nr_periods 1\nnr_throttled 1\nthrottled_time 99\n",
    "cgroup/memory/c/abc/memory.usage_in_bytes": "8192\n",
    "cgroup/memory/c/abc/memory.limit_in_bytes": "65536\n",
    "cgroup/memory/c/abc/memory.failcnt": "4\n",
    "cgroup/memory/c/abc/memory.stat": "total_inactive_file 1\n",
    "cgroup/blkio/c/abc/blkio.throttle.io_service_bytes_recursive": "8:0 Read 5\n8:0 Write 6\nTotal 11\n",
    "cgroup/unified/c/abc/pids.current": "2\n",
  });
  const usage = await readCgroupUsage(7, "abc", roots);
  expect(usage?.cpu).toMatchObject({
    total: 123456,
    perCpu: [100000, 23456],
    user: 30_000_000,
    throttledTime: 99,
  });
  expect(usage?.memory).toEqual({
    usage: 8192,
    limit: 65536,
    failures: 4,
    stats: { total_inactive_file: 1 },
  });
  expect(usage?.pids).toEqual({ current: 2 });
  expect(usage?.io.map(({ op, value }) => [op, value])).toEqual([
    ["read", 5],
    ["write", 6],
  ]);
});

test("readCgroupUsage() is undefined for a process that is another's or gone", async () => {
  const roots = host("other", { "proc/7/cgroup": "0::/somebody\n" });
  expect(await readCgroupUsage(7, "abc", roots)).toBeUndefined();
  expect(await readCgroupUsage(8, "abc", roots)).toBeUndefined();
});
