import { networkInterfaces } from "node:os";
import { run, tryRun, type Command } from "../command.ts";
import { busybox } from "../inputs/inputs.ts";
import { findProgram } from "../peers/find-program.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";

const gigabytes = 2;
/** Below the ports that the system gives away by itself. */
const firstPort = 23_400;

/** How fast bytes travel: the time iperf3 takes for a fixed amount, by its own clock. Its program comes from the host. */
export const networkScenarios: readonly Scenario[] = [
  {
    id: "network-published",
    area: "network",
    title: `${gigabytes} GB from the host to a published port`,
    unit: "ms",
    rounds: 3,
    goal: { peer: "docker", ratio: 1 / 0.9 },
    open: (peer) => throughput(peer, "published"),
  },
  {
    id: "network-containers",
    area: "network",
    title: `${gigabytes} GB from container to container`,
    unit: "ms",
    rounds: 3,
    goal: { peer: "docker", ratio: 1 / 0.9 },
    open: (peer) => throughput(peer, "containers"),
  },
];

const names = { server: "bench-net-server", client: "bench-net-client" };
const program = ["-v", "/usr:/usr:ro", "-v", "/lib:/lib:ro", "-v", "/lib64:/lib64:ro", "--tmpfs", "/tmp"];

async function throughput(peer: Peer, way: "published" | "containers"): Promise<Probe | undefined> {
  const { cli } = peer;
  const iperf = findProgram("iperf3");
  if (cli === undefined || iperf === undefined) return undefined;
  const port = firstPort + peer.name.length;
  const close = () => void tryRun(cli("rm", "-f", names.server, names.client));
  close();
  run(cli("run", "-d", "--name", names.server, "-p", `${port}:5201`, ...program, busybox, iperf, "-s"));
  run(cli("run", "-d", "--name", names.client, ...program, busybox, "sleep", "1000"));
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  const address = run(cli("inspect", "-f", format, names.server)).trim();
  const amount = ["-n", `${gigabytes}G`, "-J"];
  const command: Command =
    way === "published"
      ? { argv: [iperf, "-c", hostAddress(), "-p", String(port), ...amount] }
      : cli("exec", names.client, iperf, "-c", address, ...amount);
  // Port 5201 as the kernel writes it.
  await listening(cli("exec", names.server, "grep", "-q", ":1451 ", "/proc/net/tcp", "/proc/net/tcp6"));
  return { sample: () => milliseconds(run(command)), close };
}

/** Not the loopback: what is sent there goes through a program of Docker's, which is not what is compared. */
function hostAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = all.find(({ family, internal }) => family === "IPv4" && !internal);
  if (found === undefined) throw new Error("this host has no IPv4 address besides its loopback");
  return found.address;
}

function milliseconds(report: string): number {
  const { end } = JSON.parse(report) as { end: { sum_received: { seconds: number } } };
  return end.sum_received.seconds * 1000;
}

async function listening(probe: Command): Promise<void> {
  for (let tries = 0; tryRun(probe) === undefined; tries += 1) {
    if (tries === 100) throw new Error("iperf3 does not listen");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
