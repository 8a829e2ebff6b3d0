import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CleanupStack } from "../../src/internal/cleanup-stack.ts";
import { run, tryRun, type Command } from "../command.ts";
import { startBackground } from "./background.ts";
import { findProgram, findPrograms } from "./find-program.ts";
import type { MissingPeer, Peer } from "./peer.ts";

const link = "bench-docker0";

/**
 * A dockerd of the benchmark's own, with its containerd, data, socket and bridge. At its end forwarding is what it was.
 */
export async function openDocker(directory: string): Promise<Peer | MissingPeer> {
  const [dockerd, client] = [findProgram("dockerd"), findProgram("docker")];
  if (dockerd === undefined || client === undefined) return missing("dockerd and docker are not installed");
  if (process.getuid?.() !== 0) return missing("dockerd needs root");
  const cleanup = new CleanupStack();
  try {
    return await start(dockerd, client, directory, cleanup);
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    return missing(error instanceof Error ? error.message : String(error));
  }
}

function missing(why: string): MissingPeer {
  return { name: "docker", missing: why };
}

async function start(
  dockerd: string,
  client: string,
  directory: string,
  cleanup: CleanupStack,
): Promise<Peer> {
  mkdirSync(directory, { recursive: true });
  const socket = join(directory, "docker.sock");
  openForwarding(cleanup);
  // A run that was killed left it: no other one is under way.
  tryRun({ argv: ["ip", "link", "delete", link] });
  run({ argv: ["ip", "link", "add", link, "type", "bridge"] });
  cleanup.push(() => run({ argv: ["ip", "link", "delete", link] }));
  run({ argv: ["ip", "address", "add", "172.31.77.1/24", "dev", link] });
  run({ argv: ["ip", "link", "set", link, "up"] });
  const daemon = await startBackground(
    [
      dockerd,
      `--data-root=${join(directory, "data")}`,
      `--exec-root=${join(directory, "exec")}`,
      `--pidfile=${join(directory, "dockerd.pid")}`,
      `--host=unix://${socket}`,
      `--bridge=${link}`,
    ],
    join(directory, "dockerd.log"),
    () => existsSync(socket) && tryRun({ argv: [client, "-H", `unix://${socket}`, "info"] }) !== undefined,
  );
  cleanup.push(() => daemon[Symbol.asyncDispose]());
  const command = (program: string, args: string[]): Command => ({
    argv: [program, "-H", `unix://${socket}`, ...args],
    env: { DOCKER_BUILDKIT: "1", DOCKER_CONFIG: directory },
  });
  const builder = buildClient() ?? client;
  const version = run(
    command(client, ["version", "--format", "{{.Server.Version}} (client {{.Client.Version}})"]),
  );
  return {
    name: "docker",
    version: version.trim(),
    cli: (...args) => command(client, args),
    socket,
    buildCli: (...args) => command(builder, args),
    pruneBuilds: command(builder, ["builder", "prune", "--all", "--force"]),
    enginePids: () => [daemon.pid, ...childrenOf(daemon.pid)],
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}

/** With forwarding off, dockerd would turn it on and close FORWARD for everybody else. */
function openForwarding(cleanup: CleanupStack): void {
  const path = "/proc/sys/net/ipv4/ip_forward";
  const before = readFileSync(path, "utf8");
  if (before.trim() === "1") return;
  writeFileSync(path, "1");
  cleanup.push(() => writeFileSync(path, before));
}

/** Clients of 23 and later leave BuildKit to the plug-in buildx, older ones speak it themselves. */
function buildClient(): string | undefined {
  return findPrograms("docker").find((program) => {
    if (tryRun({ argv: [program, "buildx", "version"] }) !== undefined) return true;
    const words = tryRun({ argv: [program, "--version"] }) ?? "";
    return Number(/version (\d+)/.exec(words)?.[1] ?? 99) < 23;
  });
}

function childrenOf(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const words = tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "),
  );
  return words.filter(Boolean).map(Number);
}
