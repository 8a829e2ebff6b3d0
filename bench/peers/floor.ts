import { statfsSync } from "node:fs";
import { join } from "node:path";
import { run } from "../command.ts";
import { findProgram } from "./find-program.ts";
import { still, type MissingPeer, type Peer } from "./peer.ts";

const unified = "/sys/fs/cgroup/unified";

/** crun or runc by themselves: no engine, no network, no layer, no log. */
export function openBareRuntime(name: "crun" | "runc", directory: string): Peer | MissingPeer {
  const program = findProgram(name);
  if (program === undefined) return { name, missing: `${name} is not installed` };
  const state = join(directory, `${name}-state`);
  const prefix = name === "crun" && isHybrid() ? withoutUnified : [];
  return still({
    name,
    version:
      run({ argv: [program, "--version"] })
        .split("\n")[0]
        ?.split(" ")
        .at(-1) ?? "",
    bareRun: (bundle, id) => ({ argv: [...prefix, program, "--root", state, "run", "--bundle", bundle, id] }),
  });
}

/** A program of the system that does one piece of the work and nothing else: `cp -a`, `tar`. */
export function openTool(program: string, name: string): Peer {
  const version =
    run({ argv: [program, "--version"] })
      .split("\n")[0]
      ?.split(" ")
      .at(-1) ?? "";
  return still({ name, version });
}

const script = `mount -t tmpfs none ${unified}; exec "$@"`;
/** crun refuses a host that has both cgroup trees, but for a mount namespace without the second. */
const withoutUnified = [
  "unshare",
  "--mount",
  "--propagation",
  "slave",
  "/bin/sh",
  "-c",
  script,
  "without-cgroup2",
];

function isHybrid(): boolean {
  try {
    return statfsSync(unified).type === 0x63677270;
  } catch {
    return false;
  }
}
