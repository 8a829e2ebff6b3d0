import { spawn } from "node:child_process";
import { accessSync, constants, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../internal/run-command.ts";
import { beginOf, type Holder } from "./namespaces.ts";

/** What carries the namespaces' packets out, or why nothing does. */
export type OutsideNetwork = { readonly program: string } | { readonly missing: string };

const pidFile = "outside.pid";
const patienceMs = 30_000;

/**
 * Connects the network namespace of the holder with the host's network, through pasta or slirp4netns, unless that was
 * done before. The process goes on by itself. Never throws: containers run without it, and say so.
 */
export async function connectOutside(runDirectory: string, holder: Holder): Promise<OutsideNetwork> {
  const known = findOutside(runDirectory);
  if (known !== undefined) return { program: known.program };
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
  } catch {
    return { missing: `/dev/net/tun cannot be opened by this user; as root: chmod 666 /dev/net/tun` };
  }
  const why: string[] = [];
  for (const start of [startPasta, startSlirp]) {
    const started = await start(runDirectory, holder.pid);
    if ("missing" in started) why.push(started.missing);
    else {
      const { program, pid } = started;
      writeFileSync(join(runDirectory, pidFile), `${pid} ${beginOf(pid)} ${program}`, { mode: 0o600 });
      return { program };
    }
  }
  return { missing: why.join("; ") };
}

/** Ends it. Idempotent. */
export function disconnectOutside(runDirectory: string): void {
  const known = findOutside(runDirectory);
  if (known !== undefined) process.kill(known.pid, "SIGKILL");
  rmSync(join(runDirectory, pidFile), { force: true });
}

function findOutside(runDirectory: string): Started | undefined {
  const [pid = "", began = "", program = ""] = readText(join(runDirectory, pidFile)).split(" ");
  if (!/^\d+$/.test(pid) || beginOf(Number(pid)) !== began) return undefined;
  return { pid: Number(pid), program };
}

interface Started {
  readonly pid: number;
  readonly program: string;
}

/** It goes into the background once all is set up. The host's own loopback stays closed to containers. */
async function startPasta(runDirectory: string, holder: number): Promise<Started | { missing: string }> {
  const file = join(runDirectory, "pasta.pid");
  rmSync(file, { force: true });
  const where = ["--netns", `/proc/${holder}/ns/net`, "--userns", `/proc/${holder}/ns/user`];
  const ports = ["-t", "none", "-u", "none", "-T", "none", "-U", "none", "--no-map-gw"];
  const command = ["pasta", "--quiet", "--config-net", ...where, ...ports, "--pid", file];
  const ran = await runCommand(command).catch(() => undefined);
  const pid = Number(readText(file));
  if (ran?.code === 0 && pid > 0) return { pid, program: "pasta" };
  return {
    missing: ran === undefined ? "pasta is not installed (package passt)" : `pasta: ${words(ran.stderr)}`,
  };
}

async function startSlirp(_runDirectory: string, holder: number): Promise<Started | { missing: string }> {
  const where = ["--netns-type=path", `--userns-path=/proc/${holder}/ns/user`, `/proc/${holder}/ns/net`];
  const args = ["--configure", "--mtu=65520", "--disable-host-loopback", "--ready-fd=3", ...where, "tap0"];
  const child = spawn("slirp4netns", args, {
    detached: true,
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  const answer = await new Promise<"ready" | "missing" | "failed">((resolve) => {
    child.once("error", () => resolve("missing"));
    child.once("exit", () => resolve("failed"));
    child.stdio[3]?.once("data", () => resolve("ready"));
    setTimeout(() => resolve("failed"), patienceMs).unref();
  });
  if (answer === "ready") {
    child.unref();
    return { pid: child.pid ?? 0, program: "slirp4netns" };
  }
  child.kill("SIGKILL");
  const why = answer === "missing" ? "slirp4netns is not installed" : `slirp4netns: ${words(said)}`;
  return { missing: why };
}

function words(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !line.includes("to syslog"));
  return lines.at(-1)?.trim() ?? "it ended without a word";
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
