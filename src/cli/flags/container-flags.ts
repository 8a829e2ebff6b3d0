import {
  bool,
  decimal,
  integer,
  list,
  optional,
  parsed,
  parsedList,
  refused,
  string,
  type FlagValues,
} from "./flag.ts";
import {
  extraHost,
  ipAddress,
  label,
  link,
  mount,
  searchDomain,
  standardStream,
  sysctl,
  ulimit,
  variable,
} from "../container/check-names.ts";
import { bytesPerSecond, gpuRequest, operationsPerSecond, weightDevice } from "../container/throttle-spec.ts";
import { parseBytes, parseDuration } from "./values.ts";

const windowsOnly = "only Windows containers know it";

/** Who the container is and how it is run. */
const process = {
  "add-host": list("Add a custom host-to-IP mapping (host:ip)", { check: extraHost }),
  annotation: list("Add an annotation to the container (passed through to the OCI runtime)", { kind: "map" }),
  attach: list("Attach to STDIN, STDOUT or STDERR", { short: "a", check: standardStream }),
  cidfile: string("Write the container ID to the file"),
  domainname: string("Container NIS domain name"),
  entrypoint: optional("Overwrite the default ENTRYPOINT of the image"),
  env: list("Set environment variables", { short: "e", check: variable }),
  "env-file": list("Read in a file of environment variables"),
  "host-ca": bool("Give the processes the host's CA certificates; nothing of it stays in an image"),
  hostname: string("Container host name", { short: "h" }),
  init: bool("Run an init inside the container that forwards signals and reaps processes"),
  interactive: bool("Keep STDIN open even if not attached", { short: "i" }),
  label: list("Set meta data on a container", { short: "l", check: label }),
  "label-file": list("Read in a line delimited file of labels"),
  "log-driver": string("Logging driver for the container"),
  "log-opt": list("Log driver options"),
  name: string("Assign a name to the container"),
  platform: string("Set platform if server is multi-platform capable"),
  pull: string(`Pull image before running ("always", "missing", "never")`, { initial: "missing" }),
  quiet: bool("Suppress the pull output", { short: "q" }),
  restart: string("Restart policy to apply when a container exits", { initial: "no" }),
  rm: bool("Automatically remove the container and its associated anonymous volumes when it exits"),
  "restart-unhealthy": bool("Restart the container when its health check says unhealthy"),
  runtime: string("Runtime to use for this container"),
  "stop-signal": string("Signal to stop the container"),
  "stop-timeout": integer("Timeout (in seconds) to stop a container"),
  tty: bool("Allocate a pseudo-TTY", { short: "t" }),
  user: string("Username or UID (format: <name|uid>[:<group|gid>])", { short: "u" }),
  workdir: string("Working directory inside the container", { short: "w" }),
} as const;

const sleep = {
  idle: parsed(
    "duration",
    "With --lazy: stop after so long without a connection (default 5m, 0s: never)",
    parseDuration,
  ),
  lazy: bool("Hold the published ports, and start at the first connection (implies --detach)"),
} as const;

const health = {
  "health-cmd": optional("Command to run to check health"),
  "health-interval": parsed(
    "duration",
    "Time between running the check (ms|s|m|h) (default 0s)",
    parseDuration,
  ),
  "health-retries": integer("Consecutive failures needed to report unhealthy"),
  "health-start-interval": parsed(
    "duration",
    "Time between running the check during the start period",
    parseDuration,
  ),
  "health-start-period": parsed("duration", "Start period for the container to initialize", parseDuration),
  "health-timeout": parsed("duration", "Maximum time to allow one check to run (ms|s|m|h)", parseDuration),
  "no-healthcheck": bool("Disable any container-specified HEALTHCHECK"),
} as const;

const network = {
  dns: list("Set custom DNS servers", { check: ipAddress }),
  "dns-option": list("Set DNS options", { alias: "dns-opt" }),
  "dns-search": list("Set custom DNS search domains", { check: searchDomain }),
  expose: list("Expose a port or a range of ports"),
  ip: string("IPv4 address (e.g., 172.30.100.104)"),
  ip6: string("IPv6 address (e.g., 2001:db8::33)"),
  link: list("Add link to another container", { check: link }),
  "link-local-ip": list("Container IPv4/IPv6 link-local addresses"),
  "mac-address": string("Container MAC address (e.g., 92:d0:c6:0a:29:33)"),
  network: list("Connect a container to a network", { kind: "network", alias: "net" }),
  "network-alias": list("Add network-scoped alias for the container", { alias: "net-alias" }),
  publish: list("Publish a container's port(s) to the host", { short: "p" }),
  "publish-all": bool("Publish all exposed ports to random ports", { short: "P" }),
} as const;

const storage = {
  mount: list("Attach a filesystem mount to the container", { kind: "mount", check: mount }),
  "read-only": bool("Mount the container's root filesystem as read only"),
  "shm-size": parsed("bytes", "Size of /dev/shm", parseBytes),
  "storage-opt": list("Storage driver options for the container"),
  tmpfs: list("Mount a tmpfs directory"),
  volume: list("Bind mount a volume", { short: "v" }),
  "volume-driver": string("Optional volume driver for the container"),
  "volumes-from": list("Mount volumes from the specified container(s)"),
} as const;

const limits = {
  "blkio-weight": integer("Block IO (relative weight), between 10 and 1000, or 0 to disable", {
    kind: "uint16",
  }),
  "blkio-weight-device": parsedList("list", "Block IO weight (relative device weight)", weightDevice),
  "cgroup-parent": string("Optional parent cgroup for the container"),
  "cpu-count": refused(windowsOnly),
  "cpu-percent": refused(windowsOnly),
  "cpu-period": integer("Limit CPU CFS (Completely Fair Scheduler) period"),
  "cpu-quota": integer("Limit CPU CFS (Completely Fair Scheduler) quota"),
  "cpu-rt-period": integer("Limit CPU real-time period in microseconds"),
  "cpu-rt-runtime": integer("Limit CPU real-time runtime in microseconds"),
  "cpu-shares": integer("CPU shares (relative weight)", { short: "c" }),
  cpus: decimal("Number of CPUs"),
  "cpuset-cpus": string("CPUs in which to allow execution (0-3, 0,1)"),
  "cpuset-mems": string("MEMs in which to allow execution (0-3, 0,1)"),
  "device-read-bps": parsedList("list", "Limit read rate (bytes per second) from a device", bytesPerSecond),
  "device-read-iops": parsedList(
    "list",
    "Limit read rate (IO per second) from a device",
    operationsPerSecond,
  ),
  "device-write-bps": parsedList("list", "Limit write rate (bytes per second) to a device", bytesPerSecond),
  "device-write-iops": parsedList(
    "list",
    "Limit write rate (IO per second) to a device",
    operationsPerSecond,
  ),
  "io-maxbandwidth": refused(windowsOnly),
  "io-maxiops": refused(windowsOnly),
  "kernel-memory": refused("no kernel has this limit any more"),
  memory: parsed("bytes", "Memory limit", parseBytes, { short: "m" }),
  "memory-reservation": parsed("bytes", "Memory soft limit", parseBytes),
  "memory-swap": parsed(
    "bytes",
    "Swap limit equal to memory plus swap: '-1' to enable unlimited swap",
    parseBytes,
  ),
  "memory-swappiness": integer("Tune container memory swappiness (0 to 100)"),
  "oom-kill-disable": bool("Disable OOM Killer"),
  "oom-score-adj": integer("Tune host's OOM preferences (-1000 to 1000)"),
  "pids-limit": integer("Tune container pids limit (set -1 for unlimited)"),
  ulimit: list("Ulimit options", { kind: "ulimit", check: ulimit }),
} as const;

const isolation = {
  "cap-add": list("Add Linux capabilities"),
  "cap-drop": list("Drop Linux capabilities"),
  cgroupns: string("Cgroup namespace to use (host|private)"),
  device: list("Add a host device to the container"),
  "device-cgroup-rule": list("Add a rule to the cgroup allowed devices list"),
  "disable-content-trust": refused("images are not verified by Docker Content Trust", {
    switch: true,
    initial: true,
  }),
  gpus: parsedList("gpu-request", "GPU devices to add to the container ('all' to pass all GPUs)", gpuRequest),
  "group-add": list("Add additional groups to join"),
  ipc: string("IPC mode to use"),
  isolation: string("Container isolation technology"),
  pid: string("PID namespace to use"),
  privileged: bool("Give extended privileges to this container"),
  "security-opt": list("Security Options"),
  sysctl: list("Sysctl options", { kind: "map", check: sysctl }),
  "use-api-socket": refused("mount the engine's socket with -v", { switch: true }),
  userns: string("User namespace to use"),
  uts: string("UTS namespace to use"),
} as const;

/** The options that `run` and `create` share: those of Docker 28, `--host-ca`, `--lazy` and `--idle`. */
export const containerFlags = {
  ...sleep,
  ...process,
  ...health,
  ...network,
  ...storage,
  ...limits,
  ...isolation,
} as const;

export type ContainerFlags = FlagValues<typeof containerFlags>;
