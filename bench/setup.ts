/**
 * `npm run bench:setup`: installs what Slipway is compared with, by apt, and tries each. What needs a daemon is started
 * by the benchmark itself, in a directory of its own, and stopped at its end: nothing is left running here either.
 */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CleanupStack } from "../src/internal/cleanup-stack.ts";
import { run, tryRun } from "./command.ts";
import { openPeers } from "./open-peers.ts";
import { findProgram } from "./peers/find-program.ts";
import { Firewall } from "./peers/firewall.ts";
import { isMissing } from "./peers/peer.ts";

/** program → Debian package */
const packages: Readonly<Record<string, string>> = {
  dockerd: "docker.io",
  podman: "podman",
  buildah: "buildah",
  skopeo: "skopeo",
  "docker-registry": "docker-registry",
  crun: "crun",
  runc: "runc",
  busybox: "busybox-static",
  iptables: "iptables",
  wrk: "wrk",
  curl: "curl",
  iperf3: "iperf3",
};

const policy = "/usr/sbin/policy-rc.d";

install(
  Object.entries(packages).flatMap(([program, name]) => (findProgram(program) === undefined ? [name] : [])),
);
if (!existsSync("dist/slipway")) run({ argv: [process.execPath, "scripts/build.ts"] });
await report();

function install(wanted: readonly string[]): void {
  if (wanted.length === 0) return;
  if (process.getuid?.() !== 0 || findProgram("apt-get") === undefined) {
    console.log(`Cannot install without root and apt: ${wanted.join(" ")}. They will be shown as missing.`);
    return;
  }
  console.log(`Installing ${wanted.join(" ")}`);
  using _quiet = withoutServices();
  const argv = ["apt-get", "install", "-y", "-q", "--no-install-recommends"];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  if (tryRun({ argv: [...argv, ...wanted], env }) !== undefined) return;
  tryRun({ argv: ["apt-get", "update", "-q"] });
  for (const name of wanted) {
    if (tryRun({ argv: [...argv, name], env }) === undefined) console.log(`apt cannot install ${name}`);
  }
}

/** Packages of daemons start them when they are installed, unless this file of Debian's forbids it. */
function withoutServices(): Disposable {
  const kept = `${policy}.before-bench`;
  if (existsSync(policy)) renameSync(policy, kept);
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return {
    [Symbol.dispose]: () => (existsSync(kept) ? renameSync(kept, policy) : rmSync(policy)),
  };
}

async function report(): Promise<void> {
  await using cleanup = new CleanupStack();
  const directory = mkdtempSync(join(tmpdir(), "slipway-bench-setup-"));
  cleanup.push(() => rmSync(directory, { recursive: true, force: true }));
  const firewall = new Firewall();
  cleanup.push(() => firewall.restore());
  const found = await openPeers(directory, [], (peer) => cleanup.push(() => peer[Symbol.asyncDispose]()));
  for (const peer of found)
    console.log(`${peer.name}: ${isMissing(peer) ? `missing: ${peer.missing}` : peer.version}`);
  console.log('Ready: "npm run bench", or "npm run bench:quick" for the short form');
}
