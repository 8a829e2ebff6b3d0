import { bool, decimal, integer, list, parsed, string, type Flag } from "./flag.ts";
import { parseBytes } from "./values.ts";

/** The options of `build` that do something. */
export const buildFlags = {
  "add-host": list("Add a custom host-to-IP mapping (host:ip)"),
  allow: list(`Allow extra privileged entitlement (e.g., "network.host", "security.insecure")`),
  annotation: list("Add annotation to the image"),
  attest: list(`Attestation parameters (format: "type=sbom", "type=provenance,mode=max")`),
  "build-arg": list("Set build-time variables"),
  "build-context": list("Additional build contexts (e.g., name=path)"),
  "cache-from": list(`External cache sources (e.g., "user/app:cache", "type=local,src=path/to/dir")`),
  "cache-to": list(
    `Cache export destinations (e.g., "user/app:cache", "type=local,dest=path/to/dir,mode=max,mounts=all")`,
  ),
  call: string(
    `Set method for evaluating build ("check", "outline", "targets", "dry-run"), with ",format=json" as JSON`,
    {
      initial: "build",
    },
  ),
  check: bool(`Shorthand for "--call=check"`),
  compression: string(
    `Compression of the layers ("gzip", "zstd", "uncompressed"; default: gzip when pushed)`,
  ),
  "cpu-period": integer("Limit the CPU CFS (Completely Fair Scheduler) period of each step"),
  "cpu-quota": integer("Limit the CPU CFS (Completely Fair Scheduler) quota of each step"),
  "cpu-shares": integer("CPU shares of each step (relative weight)", { short: "c" }),
  cpus: decimal("Number of CPUs each step may use"),
  "cpuset-cpus": string("CPUs in which to allow execution (0-3, 0,1)"),
  "cpuset-mems": string("MEMs in which to allow execution (0-3, 0,1)"),
  "debug-shell": bool("When a RUN step fails, open a shell in it, with its files, environment and mounts"),
  "dry-run": bool("Say which steps would run and why, how long they took before, and what a push would send"),
  explain: bool("Say in the end which steps were hits, and why the others were not"),
  file: string(`Name of the Dockerfile (default: "PATH/Dockerfile"); "-" for standard input`, { short: "f" }),
  "host-ca": bool("Give the steps' processes the host's CA certificates; nothing of it stays in the image"),
  iidfile: string("Write the image ID to a file"),
  label: list("Set metadata for an image"),
  load: bool("The image goes to the engine's store, as it does without this"),
  memory: parsed("bytes", "Memory limit of each step", parseBytes, { short: "m" }),
  "memory-swap": parsed(
    "bytes",
    "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
    parseBytes,
  ),
  network: string(`Networking mode for the RUN instructions ("default", "none", "host")`, {
    initial: "default",
  }),
  "metadata-file": string("Write build result metadata to a file"),
  "no-cache": bool("Do not use cache when building the image"),
  "no-cache-filter": list("Do not cache specified stages"),
  output: list(`Output destination (format: "type=local,dest=path")`, { short: "o" }),
  platform: list("Set target platform for build"),
  progress: string(`Set type of progress output ("auto", "plain", "tty", "rawjson")`, { initial: "auto" }),
  provenance: string(`Shorthand for "--attest=type=provenance" ("true", "mode=max")`),
  pull: bool("Always attempt to pull all referenced images"),
  push: bool("Push the image under its tags when it is built"),
  quiet: bool("Suppress the build output and print image ID on success", { short: "q" }),
  reproducible: bool(
    "Same sources, same digest: no time is later than SOURCE_DATE_EPOCH, or than 1970 without it",
  ),
  sbom: string(`Shorthand for "--attest=type=sbom" ("true")`),
  secret: list(`Secret to expose to the build (format: "id=mysecret[,src=/local/secret|,env=NAME]")`),
  "shm-size": parsed("bytes", "Shared memory size for build containers", parseBytes),
  ssh: list(
    `SSH agent socket or keys to expose to the build (format: "default|<id>[=<socket>|<key>[,<key>]]")`,
  ),
  squash: bool("The layers that the build makes become one, on top of the base's"),
  tag: list(`Name and optionally a tag (format: "name:tag")`, { short: "t" }),
  target: string("Set the target build stage to build"),
  ulimit: list("Ulimit options"),
} as const;

const withValue = ["builder", "cgroup-parent", "isolation", "security-opt"] as const;
const switches = ["debug"] as const;
/** What Docker's first builder needed them for does not exist here: with or without, the result is the same. */
const neutral = ["compress", "force-rm", "rm"] as const;
const shorts: Readonly<Record<string, string>> = { debug: "D" };

/** Words of old scripts that change nothing. */
export const neutralBuildFlags: Readonly<Record<string, Flag<unknown>>> = Object.fromEntries(
  neutral.map((name) => [
    name,
    { ...bool("No intermediate container is kept, and no context is sent"), hidden: true },
  ]),
);

/** Docker's other options of `build`: known by name, so that each is refused for what it is. */
export const refusedBuildFlags: Readonly<Record<string, Flag<unknown>>> = Object.fromEntries([
  ...withValue.map((name) => [name, { ...list("Not supported", { short: shorts[name] }), hidden: true }]),
  ...switches.map((name) => [name, { ...bool("Not supported", { short: shorts[name] }), hidden: true }]),
]);
