import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, tryRun } from "../command.ts";
import { findProgram } from "./find-program.ts";
import { still, type MissingPeer, type Peer } from "./peer.ts";

/** Podman (whose builds are Buildah's) on a store of the benchmark's own. It keeps nothing running. */
export function openPodman(directory: string): Peer | MissingPeer {
  const program = findProgram("podman");
  if (program === undefined) return { name: "podman", missing: "podman is not installed" };
  mkdirSync(directory, { recursive: true });
  const config = join(directory, "containers.conf");
  // Its own default is more than a machine without CAP_SYS_RESOURCE can give.
  writeFileSync(config, `[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n`);
  const own = [`--root=${join(directory, "root")}`, `--runroot=${join(directory, "run")}`];
  // crun of Debian 12 does not run on hosts with hybrid cgroups: runc does everywhere.
  own.push("--runtime=runc", "--cgroup-manager=cgroupfs", "--events-backend=none");
  const cli = (...args: string[]) => ({
    argv: [program, ...own, ...args],
    env: { CONTAINERS_CONF: config },
  });
  if (tryRun(cli("info")) === undefined) return { name: "podman", missing: "podman info fails on this host" };
  const version = run({ argv: [program, "--version"] })
    .trim()
    .replace(/^.* /, "");
  return {
    ...still({ name: "podman", version, cli }),
    [Symbol.asyncDispose]: async () => void tryRun(cli("system", "reset", "--force")),
  };
}
