import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineConfig } from "../../src/engine/config.ts";

/** What an engine has in the kernel and on disk, by kind: with nothing running each list is empty. */
export interface Leftovers {
  readonly mounts: string[];
  readonly netns: string[];
  readonly veths: string[];
  readonly portRules: string[];
  readonly cgroups: string[];
  readonly processes: string[];
  readonly files: string[];
}

const list = (directory: string) => (existsSync(directory) ? readdirSync(directory) : []);

/** `ids`: the containers that may have left a cgroup. */
export function leftovers(config: EngineConfig, ids: readonly string[] = []): Leftovers {
  const { runDirectory, root, bridge, nftTable } = config;
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ", 5)[4] ?? "")
    .filter((path) => path.startsWith(`${runDirectory}/`) || path.startsWith(`${root}/`));
  return {
    mounts,
    netns: list(join(runDirectory, "netns")),
    veths: list(`/sys/class/net/${bridge}/brif`),
    portRules: portRules(nftTable),
    cgroups: cgroups(ids),
    processes: processes(runDirectory),
    files: ["containers", "runtime/tasks", "runtime/runtime", "runtime/exits", "runtime/foreground", "builds"]
      .flatMap((name) => list(join(runDirectory, name)).map((entry) => `${name}/${entry}`))
      .concat(list(join(root, "containers"))),
  };
}

export const nothing: Leftovers = {
  mounts: [],
  netns: [],
  veths: [],
  portRules: [],
  cgroups: [],
  processes: [],
  files: [],
};

/** Published ports. */
function portRules(table: string): string[] {
  const { stdout } = Bun.spawnSync(["nft", "-j", "list", "table", "inet", table]);
  if (stdout.length === 0) return [];
  const { nftables } = JSON.parse(stdout.toString()) as { nftables: Record<string, unknown>[] };
  return nftables
    .flatMap(({ map, set }) => [map, set] as { name: string; elem?: unknown[] }[])
    .filter((each) => each?.elem !== undefined && each.name.startsWith("ports"))
    .map(({ name, elem }) => `${name}: ${JSON.stringify(elem)}`);
}

function cgroups(ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  const { stdout } = Bun.spawnSync([
    "find",
    "/sys/fs/cgroup",
    "-type",
    "d",
    "-regextype",
    "posix-extended",
    "-regex",
    ".*[0-9a-f]{64}.*",
  ]);
  const found = stdout.toString().split("\n");
  return found.filter((path) => ids.some((id) => path.includes(id)));
}

/** Supervisors and runtimes name the run directory on their command line. */
function processes(runDirectory: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(`${runDirectory}/`);
    } catch {
      return false;
    }
  });
}
