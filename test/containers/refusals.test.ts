/** What `create` and `start` refuse, in Docker's words, and that nothing is left of it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Engine } from "../../src/engine/engine.ts";
import type { ContainerCreate } from "../../src/engine/types/container.ts";
import { EngineProcess, configOf, makeBusybox } from "../engine/lab.ts";
import { failure } from "../engine/rejects.ts";

let at: EngineProcess;
let engine: Engine;

beforeAll(async () => {
  at = await EngineProcess.start();
  engine = at.engine;
  await makeBusybox(engine, at.root);
});
afterAll(async () => await at?.[Symbol.asyncDispose]());

type Bad = [why: string, spec: Partial<ContainerCreate>, words: string];
const memory = 1 << 30;
const refusals: Bad[] = [
  [
    "working directory",
    { WorkingDir: "here" },
    "the working directory 'here' is invalid, it needs to be an absolute path",
  ],
  [
    "bind source",
    { HostConfig: { Mounts: [{ Type: "bind", Source: "/no/such", Target: "/x" }] } },
    'invalid mount config for type "bind": bind source path does not exist: /no/such',
  ],
  ["duplicate target", { HostConfig: { Binds: ["/tmp:/x", "/var:/x"] } }, "Duplicate mount point: /x"],
  [
    "image mount",
    { HostConfig: { Mounts: [{ Type: "image", Source: "nothing", Target: "/x" }] } },
    "No such image: nothing",
  ],
  ["memory", { HostConfig: { Memory: 1 } }, "Minimum memory limit allowed is 6MB"],
  [
    "swap",
    { HostConfig: { Memory: memory, MemorySwap: memory - 1 } },
    "Minimum memoryswap limit should be larger than memory limit, see usage",
  ],
  [
    "swap alone",
    { HostConfig: { MemorySwap: memory } },
    "You should always set the Memory limit when using Memoryswap limit, see usage",
  ],
  [
    "reservation",
    { HostConfig: { Memory: memory, MemoryReservation: 2 * memory } },
    "Minimum memory limit can not be less than memory reservation limit, see usage",
  ],
  ["processors", { HostConfig: { NanoCpus: 9_000_000_000_000 } }, "range of CPUs is from 0.01 to"],
  [
    "processor and quota",
    { HostConfig: { NanoCpus: 1e9, CpuQuota: 5000 } },
    "Conflicting options: Nano CPUs and CPU Quota cannot both be set",
  ],
  [
    "period",
    { HostConfig: { CpuPeriod: 5 } },
    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
  ],
  [
    "cpuset",
    { HostConfig: { CpusetCpus: "4000" } },
    "Requested CPUs are not available - requested 4000, available: ",
  ],
  ["cpuset grammar", { HostConfig: { CpusetCpus: "a" } }, "Invalid value a for cpuset cpus"],
  [
    "memory nodes",
    { HostConfig: { CpusetMems: "99" } },
    "Requested memory nodes are not available - requested 99, available: ",
  ],
  ["weight", { HostConfig: { BlkioWeight: 5 } }, "Range of blkio weight is from 10 to 1000"],
  [
    "score",
    { HostConfig: { OomScoreAdj: 2000 } },
    "Invalid value 2000, range for oom score adj is [-1000, 1000]",
  ],
  ["user namespace", { HostConfig: { UsernsMode: "x" } }, "invalid user namespace mode: x"],
  ["PID mode", { HostConfig: { PidMode: "x" } }, "invalid PID mode: x"],
  ["IPC mode", { HostConfig: { IpcMode: "x" } }, "invalid IPC mode: x"],
  ["isolation", { HostConfig: { Isolation: "hyperv" } }, "invalid isolation 'hyperv' on linux"],
  ["runtime", { HostConfig: { Runtime: "kata" } }, "unknown or invalid runtime name: kata"],
  [
    "GPU",
    { HostConfig: { DeviceRequests: [{ Count: -1, Capabilities: [["gpu"]] }] } },
    'could not select device driver "" with capabilities: [[gpu]]',
  ],
  ["device rule", { HostConfig: { DeviceCgroupRules: ["x"] } }, "invalid device cgroup rule format: 'x'"],
  ["security option", { HostConfig: { SecurityOpt: ["bogus=1"] } }, 'invalid --security-opt 2: "bogus=1"'],
  ["capability", { HostConfig: { CapAdd: ["FLY"] } }, "unknown capability"],
  ["volume driver", { HostConfig: { VolumeDriver: "nfs" } }, "--volume-driver nfs is not supported"],
  ["storage option", { HostConfig: { StorageOpt: { bogus: "1" } } }, "unknown option bogus"],
  [
    "link",
    { HostConfig: { Links: ["nobody:x"] } },
    "could not get container for nobody: No such container: nobody",
  ],
  [
    "link on the host's network",
    { HostConfig: { Links: ["a:b"], NetworkMode: "host" } },
    "conflicting options: host type networking can't be used with links",
  ],
  ["stop signal", { StopSignal: "SIGNOPE" }, "invalid signal"],
  ["platform", { platform: "linux/s390x" }, "does not match the specified platform (linux/s390x)"],
  [
    "restart policy",
    { HostConfig: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: -1 } } },
    "maximum retry count cannot be negative",
  ],
  [
    "address outside",
    { NetworkingConfig: { EndpointsConfig: { bridge: { IPAMConfig: { IPv4Address: "1.2.3.4" } } } } },
    "user specified IP address is supported on user defined networks only",
  ],
  [
    "driver-opt",
    { NetworkingConfig: { EndpointsConfig: { bridge: { DriverOpts: { a: "b" } } } } },
    "driver-opt a is not supported",
  ],
];

test("what a creation may not ask for is refused in Docker's words, and leaves nothing", async () => {
  const before = await leftovers();
  for (const [why, spec, words] of refusals) {
    const error = await failure(
      engine.containers.create({ Image: "busybox", Volumes: { "/data": {} }, ...spec }),
    );
    expect([why, (error as Error | undefined)?.message]).toEqual([why, expect.stringContaining(words)]);
  }
  expect(await leftovers()).toEqual(before);
});

const failingStarts: Bad[] = [
  ["no program", { Cmd: ["no-such"] }, "executable file not found in $PATH"],
  ["a directory", { Cmd: ["/bin"] }, "permission denied"],
  ["no user", { User: "nobody-here" }, "unable to find user nobody-here: no matching entries in passwd file"],
  ["no group", { User: "root:nothing" }, "unable to find group nothing: no matching entries in group file"],
  [
    "no device",
    {
      HostConfig: {
        Devices: [{ PathOnHost: "/dev/none", PathInContainer: "/dev/x", CgroupPermissions: "rwm" }],
      },
    },
    'error gathering device information while adding custom device "/dev/none": no such file or directory',
  ],
  [
    "no block device",
    { HostConfig: { BlkioDeviceReadBps: [{ Path: "/dev/none", Rate: 1 }] } },
    "stat /dev/none: no such file or directory",
  ],
];

test("a start that fails says why in Docker's words, and leaves nothing mounted or connected", async () => {
  const before = await leftovers();
  for (const [why, spec, words] of failingStarts) {
    const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["true"], ...spec });
    const error = await failure(engine.containers.start(Id));
    expect([why, (error as Error | undefined)?.message]).toEqual([why, expect.stringContaining(words)]);
    const { State } = await engine.containers.inspect(Id);
    expect([why, State.Status, State.Error !== ""]).toEqual([why, "created", true]);
    await engine.containers.remove(Id, { force: true, volumes: true });
  }
  expect(await leftovers()).toEqual(before);
});

/** Mounts, volumes, snapshots, links: what a container can leave. */
async function leftovers(): Promise<object> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const { checked } = await engine.system.check();
  return {
    mounts: mounts.filter((line) => line.includes(at.root) || line.includes(configOf(at.root).runDirectory))
      .length,
    volumes: (await engine.volumes.list()).Volumes.length,
    containers: (await engine.containers.list({ all: true })).length,
    snapshots: checked.snapshots,
  };
}
