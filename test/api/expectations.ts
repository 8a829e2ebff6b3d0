/**
 * What a client of Docker's engine may rely on where it errs: status and words, by operation. The world: an image
 * `busybox` (also `busybox:two`), the containers `up` (running `sleep`), `held` (paused), `made` (never started) and
 * `over` (ended with 3), the network `net` with `up` on it, the volume `vol` that `made` uses.
 */
export interface Expectation {
  readonly ask: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly status: number;
  readonly words?: string;
}

const jsonBodies = [
  "/containers/create",
  "/containers/up/exec",
  "/containers/up/update",
  "/networks/create",
  "/networks/net/connect",
  "/networks/net/disconnect",
  "/volumes/create",
  "/auth",
  "/commit?container=up",
];

/** Every operation that takes a JSON document says the same about what is none. */
const malformed = jsonBodies.flatMap((path): Expectation[] => [
  {
    ask: `POST ${path}`,
    body: "{}",
    type: "text/plain",
    status: 400,
    words: "unsupported Content-Type header (text/plain): must be 'application/json'",
  },
  {
    ask: `POST ${path}`,
    body: "{invalid json",
    type: "application/json",
    status: 400,
    words: "invalid JSON: invalid character 'i' looking for beginning of object key string",
  },
  {
    ask: `POST ${path}`,
    body: "{} trailing content",
    type: "application/json",
    status: 400,
    words: "unexpected content after JSON",
  },
]);

const image = { Image: "busybox" };
const created = (body: object, words: string): Expectation => ({
  ask: "POST /containers/create",
  body: { ...image, ...body },
  status: 400,
  words,
});

const creation: Expectation[] = [
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

const containers: Expectation[] = [
  ...[
    "json",
    "top",
    "logs?stdout=1",
    "changes",
    "export",
    "stats?stream=0",
    "archive?path=/",
    "attach/ws",
  ].map((what) => ({
    ask: `GET /containers/nope/${what}`,
    status: 404,
    words: "No such container: nope",
  })),
  ...[
    "start",
    "stop",
    "restart",
    "kill",
    "pause",
    "unpause",
    "wait",
    "rename?name=x",
    "resize?h=1&w=1",
    "attach?stream=1",
  ].map((what) => ({
    ask: `POST /containers/nope/${what}`,
    status: 404,
    words: "No such container: nope",
  })),
  { ask: "DELETE /containers/nope", status: 404, words: "No such container: nope" },
  {
    ask: "DELETE /containers/up",
    status: 409,
    words: "container is running: stop the container before removing or force remove",
  },
  { ask: "POST /containers/up/start", status: 304 },
  { ask: "POST /containers/over/stop", status: 304 },
  { ask: "POST /containers/made/stop", status: 304 },
  {
    ask: "POST /containers/up/start",
    body: { Binds: ["/a:/b"] },
    status: 400,
    words:
      "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24",
  },
  {
    ask: "POST /containers/held/start",
    status: 409,
    words: "cannot start a paused container, try unpause instead",
  },
  { ask: "POST /containers/made/kill", status: 409, words: "is not running" },
  { ask: "POST /containers/over/kill", status: 409, words: "is not running" },
  { ask: "POST /containers/up/kill?signal=0", status: 400, words: "nvalid signal: 0" },
  { ask: "POST /containers/up/kill?signal=SIG42", status: 400, words: "nvalid signal: SIG42" },
  { ask: "POST /containers/made/pause", status: 409, words: "is not running" },
  { ask: "POST /containers/held/pause", status: 409, words: "is already paused" },
  { ask: "POST /containers/up/unpause", status: 409, words: "is not paused" },
  { ask: "POST /containers/up/resize?h=foo&w=bar", status: 400 },
  { ask: "POST /containers/up/resize", status: 400 },
  { ask: "POST /containers/over/resize?h=10&w=10", status: 409, words: "is not running" },
  { ask: "POST /containers/up/rename", status: 400, words: "name" },
  {
    ask: "POST /containers/up/rename?name=up",
    status: 400,
    words: "Renaming a container with the same name as its current name",
  },
  {
    ask: "POST /containers/up/rename?name=made",
    status: 409,
    words: 'Conflict. The container name "/made" is already in use',
  },
  { ask: "POST /containers/up/wait?condition=never", status: 400, words: 'invalid condition: "never"' },
  { ask: "GET /containers/up/logs", status: 400, words: "you must choose at least one stream" },
  { ask: "GET /containers/up/logs?stdout=1&since=xyz", status: 400 },
  { ask: "GET /containers/made/top", status: 409, words: "is not running" },
  { ask: "GET /containers/up/archive", status: 400, words: "path" },
  {
    ask: "GET /containers/up/archive?path=/not/there",
    status: 404,
    words: "Could not find the file /not/there in container up",
  },
  { ask: "HEAD /containers/up/archive?path=/not/there", status: 404 },
  {
    ask: "PUT /containers/up/archive?path=/not/there",
    body: "",
    type: "application/x-tar",
    status: 404,
    words: "Could not find the file /not/there in container up",
  },
  {
    ask: "PUT /containers/up/archive?path=/etc/passwd",
    body: "",
    type: "application/x-tar",
    status: 400,
    words: "not a directory",
  },
  { ask: "GET /containers/json?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  { ask: "GET /containers/json?filters={%22status%22:[%22nope%22]}", status: 400, words: "nvalid" },
  { ask: "GET /containers/json?filters=%7B", status: 400 },
  { ask: "GET /containers/json?limit=abc", status: 400 },
  {
    ask: "GET /containers/json?filters={%22before%22:[%22nope%22]}",
    status: 404,
    words: "No such container: nope",
  },
  {
    ask: "POST /containers/up/update",
    body: { Memory: 1000 },
    status: 400,
    words: "Minimum memory limit allowed is 6MB",
  },
  { ask: "POST /containers/up/copy", body: {}, status: 404, words: "page not found" },
  { ask: "POST /containers/up/attach?stream=1&stdout=1&detachKeys=zz-,", status: 400, words: "nvalid" },
  {
    ask: "POST /containers/held/attach?stream=1&stdout=1",
    status: 409,
    words: "is paused, unpause the container before attach",
  },
  {
    ask: "GET /containers/up/stats?stream=1&one-shot=1",
    status: 400,
    words: "cannot have stream=true and one-shot=true",
  },
];

const execs: Expectation[] = [
  {
    ask: "POST /containers/nope/exec",
    body: { Cmd: ["true"] },
    status: 404,
    words: "No such container: nope",
  },
  { ask: "POST /containers/up/exec", body: {}, status: 400, words: "No exec command specified" },
  { ask: "POST /containers/up/exec", body: { Cmd: null }, status: 400, words: "No exec command specified" },
  { ask: "POST /containers/up/exec", body: { Cmd: [] }, status: 400, words: "No exec command specified" },
  {
    ask: "POST /containers/held/exec",
    body: { Cmd: ["true"] },
    status: 409,
    words: "is paused, unpause the container before exec",
  },
  { ask: "POST /containers/made/exec", body: { Cmd: ["true"] }, status: 409, words: "is not running" },
  { ask: "POST /exec/nope/start", body: {}, status: 404, words: "No such exec instance: nope" },
  { ask: "POST /exec/nope/resize?h=1&w=1", status: 404, words: "No such exec instance: nope" },
  { ask: "GET /exec/nope/json", status: 404, words: "No such exec instance: nope" },
];

const images: Expectation[] = [
  { ask: "GET /images/nope/json", status: 404, words: "No such image: nope" },
  { ask: "GET /images/nope/history", status: 404, words: "No such image: nope" },
  { ask: "GET /images/nope/get", status: 404, words: "No such image: nope" },
  { ask: "GET /images/get?names=nope", status: 404, words: "No such image: nope" },
  { ask: "DELETE /images/nope", status: 404, words: "No such image: nope" },
  { ask: "DELETE /images/busybox:two", status: 200, words: "Untagged" },
  { ask: "POST /images/nope/tag?repo=a", status: 404, words: "No such image: nope" },
  { ask: "POST /images/busybox/tag?repo=UPPER", status: 400, words: "invalid reference format" },
  { ask: "POST /images/busybox/tag?repo=a&tag=%21", status: 400, words: "invalid" },
  { ask: "POST /images/busybox/tag?repo=", status: 400 },
  { ask: "POST /images/nope/push", status: 404, words: "An image does not exist locally with the tag: nope" },
  { ask: "POST /images/create?fromImage=UPPER", status: 400, words: "invalid reference format" },
  { ask: "POST /images/create?fromImage=localhost:1/none&tag=x", status: 500, words: "localhost:1" },
  { ask: "GET /distribution/localhost:1/none/json", status: 500, words: "localhost:1" },
  { ask: "GET /images/json?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  {
    ask: "GET /images/json?filters={%22dangling%22:[%22maybe%22]}",
    status: 400,
    words: "invalid filter 'dangling=[maybe]'",
  },
  { ask: "POST /images/prune?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  { ask: "GET /images/search", status: 400 },
  { ask: "GET /images/search?term=a&limit=1000", status: 400, words: "limit" },
  {
    ask: "POST /images/load",
    body: "this is no archive",
    type: "application/x-tar",
    status: 200,
    words: "error",
  },
];

const others: Expectation[] = [
  { ask: "GET /networks/nope", status: 404, words: "network nope not found" },
  { ask: "DELETE /networks/nope", status: 404, words: "network nope not found" },
  {
    ask: "DELETE /networks/bridge",
    status: 403,
    words: "bridge is a pre-defined network and cannot be removed",
  },
  { ask: "DELETE /networks/net", status: 403, words: "has active endpoints" },
  {
    ask: "POST /networks/create",
    body: { Name: "bridge" },
    status: 403,
    words: "operation is not permitted on predefined bridge network",
  },
  {
    ask: "POST /networks/create",
    body: { Name: "net" },
    status: 409,
    words: "network with name net already exists",
  },
  { ask: "POST /networks/create", body: { Name: "" }, status: 400 },
  { ask: "POST /networks/create", body: { Name: "n", Driver: "nosuch" }, status: 404, words: "nosuch" },
  {
    ask: "POST /networks/create",
    body: { Name: "n", IPAM: { Config: [{ Subnet: "bad" }] } },
    status: 400,
    words: "invalid",
  },
  {
    ask: "POST /networks/nope/connect",
    body: { Container: "up" },
    status: 404,
    words: "network nope not found",
  },
  {
    ask: "POST /networks/net/connect",
    body: { Container: "nope" },
    status: 404,
    words: "No such container: nope",
  },
  {
    ask: "POST /networks/net/connect",
    body: { Container: "up" },
    status: 403,
    words: "endpoint with name up already exists in network net",
  },
  {
    ask: "POST /networks/net/disconnect",
    body: { Container: "made" },
    status: 403,
    words: "is not connected to network net",
  },
  { ask: "GET /networks?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  { ask: "GET /volumes/nope", status: 404, words: "get nope: no such volume" },
  { ask: "DELETE /volumes/nope", status: 404, words: "get nope: no such volume" },
  { ask: "DELETE /volumes/nope?force=1", status: 204 },
  { ask: "DELETE /volumes/vol", status: 409, words: "volume is in use" },
  { ask: "POST /volumes/create", body: { Name: "other", Driver: "nosuch" }, status: 404, words: "nosuch" },
  {
    ask: "POST /volumes/create",
    body: { Name: "bad/name" },
    status: 400,
    words: "includes invalid characters for a local volume name",
  },
  { ask: "GET /volumes?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  { ask: "POST /volumes/prune?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  {
    ask: "GET /events?since=2&until=1",
    status: 400,
    words: "`since` time (2) cannot be after `until` time (1)",
  },
  { ask: "GET /system/df?type=nope", status: 400, words: "unknown object type: nope" },
  { ask: "GET /notfound", status: 404, words: "page not found" },
  { ask: "PATCH /containers/json", status: 404, words: "page not found" },
  { ask: "OPTIONS /", status: 200 },
  {
    ask: "GET /v1.23/version",
    status: 400,
    words:
      "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version",
  },
  {
    ask: "GET /v1.99/version",
    status: 400,
    words: "client version 1.99 is too new. Maximum supported API version is 1.50",
  },
  { ask: "GET /plugins", status: 200, words: "[]" },
  { ask: "GET /plugins/nope/json", status: 404, words: 'plugin "nope" not found' },
  { ask: "GET /swarm", status: 503, words: "This node is not a swarm manager." },
  { ask: "GET /services", status: 503, words: "This node is not a swarm manager." },
  { ask: "GET /nodes", status: 503, words: "This node is not a swarm manager." },
  { ask: "GET /secrets", status: 503, words: "This node is not a swarm manager." },
  { ask: "POST /commit?container=nope", status: 404, words: "No such container: nope" },
  { ask: "POST /commit?container=up&repo=UPPER", status: 400, words: "invalid reference format" },
  {
    ask: "POST /commit?container=up&changes=FROM%20x",
    status: 400,
    words: "FROM is not a valid change command",
  },
  { ask: "POST /build?remote=http://127.0.0.1:1/x", status: 500 },
  { ask: "POST /build?t=UPPER", status: 400, words: "invalid reference format" },
  { ask: "POST /build?buildargs=nojson", status: 400 },
  { ask: "POST /session", status: 404 },
  { ask: "POST /grpc", status: 404 },
];

export const expectations: readonly Expectation[] = [
  ...malformed,
  ...creation,
  ...containers,
  ...execs,
  ...images,
  ...others,
];
