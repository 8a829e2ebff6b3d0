import type { Expectation } from "./expectation.ts";

const image = { Image: "busybox" };
const created = (body: object, words: string): Expectation => ({
  ask: "POST /containers/create",
  body: { ...image, ...body },
  status: 400,
  words,
});

export const creation: Expectation[] = [
  {
    ask: "POST /containers/create",
    body: {},
    status: 400,
    words: "config cannot be empty in order to create a container",
  },
  {
    ask: "POST /containers/create",
    body: { HostConfig: {} },
    status: 400,
    words: "config cannot be empty in order to create a container",
  },
  {
    ask: "POST /containers/create",
    body: { Image: "test456:v1" },
    status: 404,
    words: "No such image: test456:v1",
  },
  {
    ask: "POST /containers/create",
    body: { Image: "test456" },
    status: 404,
    words: "No such image: test456",
  },
  {
    ask: "POST /containers/create",
    body: "",
    type: "application/json",
    status: 400,
    words: "invalid JSON: got EOF while reading request body",
  },
  {
    ask: "POST /containers/create",
    body: { Image: `sha256:0c${"0".repeat(62)}` },
    status: 404,
    words: `No such image: sha256:0c${"0".repeat(62)}`,
  },
  {
    ask: "POST /containers/create?name=up",
    body: image,
    status: 409,
    words: 'Conflict. The container name "/up" is already in use by container',
  },
  {
    ask: "POST /containers/create?name=_bad!",
    body: image,
    status: 400,
    words: "Invalid container name (_bad!), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
  },
  created({ Env: [""] }, "invalid environment variable:"),
  created({ Env: ["=foo"] }, "invalid environment variable: =foo"),
  created({ Healthcheck: { Interval: -10_000_000 } }, "Interval in Healthcheck cannot be less than 1ms"),
  created({ Healthcheck: { Timeout: 500_000 } }, "Timeout in Healthcheck cannot be less than 1ms"),
  created({ Healthcheck: { Retries: -1 } }, "Retries in Healthcheck cannot be negative"),
  created(
    { WorkingDir: "relative" },
    "the working directory 'relative' is invalid, it needs to be an absolute path",
  ),
  created({ HostConfig: { Memory: 524_287 } }, "Minimum memory limit allowed is 6MB"),
  created({ HostConfig: { IpcMode: "invalid" } }, "invalid IPC mode: invalid"),
  created({ HostConfig: { PidMode: "invalid" } }, "invalid PID mode: invalid"),
  created({ HostConfig: { PidMode: "container" } }, "invalid PID mode: container"),
  created({ HostConfig: { PidMode: "container:" } }, "invalid PID mode: container:"),
  created({ HostConfig: { CgroupnsMode: "invalid" } }, "invalid cgroup namespace mode: invalid"),
  created({ HostConfig: { UsernsMode: "invalid" } }, "invalid user namespace mode: invalid"),
  created({ HostConfig: { Annotations: { "": "x" } } }, "empty string is not permitted as an annotation key"),
  created({ HostConfig: { CapAdd: ["NOSUCH"] } }, 'invalid CapAdd: unknown capability: "CAP_NOSUCH"'),
  created({ HostConfig: { CapDrop: ["NOSUCH"] } }, 'invalid CapDrop: unknown capability: "CAP_NOSUCH"'),
  ...(
    [
      [
        { Type: "bind", Source: "/tmp", Target: "/x", VolumeOptions: {} },
        "VolumeOptions must not be specified",
      ],
      [{ Type: "volume", Target: "/x", BindOptions: {} }, "BindOptions must not be specified"],
      [{ Type: "tmpfs", Target: "/x", VolumeOptions: {} }, "VolumeOptions must not be specified"],
      [{ Type: "bind", Source: "rel", Target: "/x" }, "mount path must be absolute"],
      [{ Type: "image", Target: "/x" }, "Source must not be empty"],
      [{ Type: "volume", Source: "v", Target: "/" }, "destination can't be '/'"],
      [
        { Type: "volume", Source: "v", Target: "/x", VolumeOptions: { Subpath: "../y" } },
        "within the volume",
      ],
      [{ Type: "volume", Target: "/x", VolumeOptions: { Subpath: "y" } }, "anonymous volumes"],
      [
        { Type: "bind", Source: "/tmp", Target: "/x", BindOptions: { ReadOnlyForceRecursive: true } },
        "mount options conflict: !ReadOnly && BindOptions.ReadOnlyForceRecursive",
      ],
      [
        { Type: "bind", Source: "/tmp", Target: "/x", BindOptions: { Propagation: "x" } },
        "invalid propagation mode: x",
      ],
    ] as const
  ).map(([mount, words]) => created({ HostConfig: { Mounts: [mount] } }, words)),
  created({ HostConfig: { UTSMode: "invalid" } }, "invalid UTS mode: invalid"),
  created(
    { HostConfig: { RestartPolicy: { Name: "always", MaximumRetryCount: 2 } } },
    "maximum retry count can only be used with 'on-failure'",
  ),
  created(
    { HostConfig: { AutoRemove: true, RestartPolicy: { Name: "always" } } },
    "can't create 'AutoRemove' container with restart policy",
  ),
  created({ HostConfig: { PortBindings: { "19039;1230": [{}] } } }, "invalid port"),
  created({ HostConfig: { Binds: ["relative:/x:bad"] } }, "invalid"),
  created({ HostConfig: { Binds: ["/a:/x:mode"] } }, "invalid mode: mode"),
  created({ HostConfig: { Binds: ["/a:/x", "/b:/x"] } }, "Duplicate mount point: /x"),
  created({ HostConfig: { Mounts: [{ Type: "bind", Target: "/x" }] } }, "field Source must not be empty"),
  created(
    { HostConfig: { Mounts: [{ Type: "bind", Source: "/not/there", Target: "/x" }] } },
    "bind source path does not exist: /not/there",
  ),
  created(
    { HostConfig: { Mounts: [{ Type: "tmpfs", Source: "/a", Target: "/x" }] } },
    "invalid mount config",
  ),
  created(
    { HostConfig: { Mounts: [{ Type: "volume", Source: "vol", Target: "relative" }] } },
    "mount path must be absolute",
  ),
  created({ HostConfig: { Tmpfs: { foo: "" } } }, "mount path must be absolute"),
  created({ HostConfig: { Tmpfs: { "/": "" } } }, "destination can't be '/'"),
  created({ StopSignal: "NOSUCH" }, "nvalid signal: NOSUCH"),
  {
    ask: "POST /v1.43/containers/create",
    body: { ...image, NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } },
    status: 400,
    words: "container cannot be connected to network endpoints: a, b",
  },
  { ask: "POST /containers/create?platform=linux/s390x", body: image, status: 404 },
  created({ HostConfig: { ShmSize: -1 } }, "SHM size can not be less than 0"),
  created(
    { HostConfig: { OomScoreAdj: 1001 } },
    "Invalid value 1001, range for oom score adj is [-1000, 1000]",
  ),
  created({ HostConfig: { CpusetCpus: "1-42,," } }, "Invalid value 1-42,, for cpuset cpus"),
  created({ HostConfig: { CpusetMems: "42-3,1--" } }, "Invalid value 42-3,1-- for cpuset mems"),
  created(
    { HostConfig: { RestartPolicy: { Name: "something" } } },
    "invalid restart policy: unknown policy 'something'",
  ),
  created(
    { HostConfig: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: -2 } } },
    "maximum retry count cannot be negative",
  ),
  created(
    { HostConfig: { PortBindings: { "8080/tcp": [{ HostPort: "aa80" }] } } },
    'invalid port specification: "aa80"',
  ),
  created({ HostConfig: { Mounts: [{ Type: "notreal", Target: "/x" }] } }, "mount type unknown"),
  created({ HostConfig: { Mounts: [{ Type: "bind", Source: "/" }] } }, "field Target must not be empty"),
  created({ HostConfig: { VolumesFrom: ["nosuchcontainer"] } }, "No such container: nosuchcontainer"),
  created({ HostConfig: { Links: ["no-such-container"] } }, "could not get container for no-such-container"),
  created({ HostConfig: { Runtime: "nosuch" } }, "unknown or invalid runtime name: nosuch"),
  {
    ask: "POST /containers/create",
    body: { ...image, HostConfig: { LogConfig: { Type: "nosuch" } } },
    status: 400,
    words: "logger: no log driver named 'nosuch' is registered",
  },
];
