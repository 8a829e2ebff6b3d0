import { bool, list, parsed, string, type Flag } from "./flag.ts";
import { parseBytes } from "./values.ts";

/** The options of `build` that do something. */
export const buildFlags = {
  "add-host": list("Add a custom host-to-IP mapping (host:ip)"),
  "build-arg": list("Set build-time variables"),
  file: string(`Name of the Dockerfile (default: "PATH/Dockerfile"); "-" for standard input`, { short: "f" }),
  "host-ca": bool("Give the steps' processes the host's CA certificates; nothing of it stays in the image"),
  iidfile: string("Write the image ID to a file"),
  label: list("Set metadata for an image"),
  network: string(`Networking mode for the RUN instructions ("default", "none", "host")`, {
    initial: "default",
  }),
  "no-cache": bool("Do not use cache when building the image"),
  platform: list("Set target platform for build"),
  progress: string(`Set type of progress output ("auto", "plain", "tty", "rawjson")`, { initial: "auto" }),
  pull: bool("Always attempt to pull all referenced images"),
  quiet: bool("Suppress the build output and print image ID on success", { short: "q" }),
  "shm-size": parsed("bytes", "Shared memory size for build containers", parseBytes),
  tag: list(`Name and optionally a tag (format: "name:tag")`, { short: "t" }),
  target: string("Set the target build stage to build"),
} as const;

const withValue = [
  "allow",
  "annotation",
  "attest",
  "build-context",
  "builder",
  "cache-from",
  "cache-to",
  "call",
  "cgroup-parent",
  "cpu-period",
  "cpu-quota",
  "cpu-shares",
  "cpuset-cpus",
  "cpuset-mems",
  "isolation",
  "memory",
  "memory-swap",
  "metadata-file",
  "no-cache-filter",
  "output",
  "provenance",
  "sbom",
  "secret",
  "security-opt",
  "ssh",
  "ulimit",
] as const;
const switches = ["check", "compress", "debug", "force-rm", "load", "push", "rm", "squash"] as const;
const shorts: Readonly<Record<string, string>> = { "cpu-shares": "c", debug: "D", memory: "m", output: "o" };

/** Docker's other options of `build`: known by name, so that each is refused for what it is. */
export const refusedBuildFlags: Readonly<Record<string, Flag<unknown>>> = Object.fromEntries([
  ...withValue.map((name) => [name, { ...list("Not supported", { short: shorts[name] }), hidden: true }]),
  ...switches.map((name) => [name, { ...bool("Not supported", { short: shorts[name] }), hidden: true }]),
]);
