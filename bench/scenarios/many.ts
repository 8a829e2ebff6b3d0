import { readdirSync, readFileSync } from "node:fs";
import { timed } from "../command.ts";
import { busybox } from "../inputs/inputs.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";
import { call, eachOf } from "../peers/engine-api.ts";
import { memoryOf } from "./memory.ts";

const many = 100;
const stopped = 1000;

/** What many containers cost: to start, to list, to have running. Asked for over the API, by one client. */
export const manyScenarios: readonly Scenario[] = [
  {
    id: "start-100",
    area: "run",
    title: `${many} containers started side by side by one client, bridge network`,
    unit: "ms",
    rounds: 2,
    goal: { peer: "docker", ratio: 1 / 4 },
    open: startMany,
  },
  {
    id: "ps-1000",
    area: "list",
    title: `\`ps -a\` with ${stopped} containers`,
    unit: "ms",
    rounds: 10,
    scale: { series: "`ps -a`, containers", amount: stopped },
    open: listMany,
  },
  {
    id: "memory-container",
    area: "memory",
    title: "a running container, its processes of the engine and what the engine grew, one of 50",
    unit: "MB",
    rounds: 1,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: memoryOfEach,
  },
];

async function startMany(peer: Peer): Promise<Probe | undefined> {
  const { socket } = peer;
  if (socket === undefined) return undefined;
  return {
    sample: async () => {
      const ids = await createAll(socket, many);
      const began = performance.now();
      await Promise.all(ids.map((id) => call(socket, "POST", `/containers/${id}/start`)));
      const took = performance.now() - began;
      await removeAll(socket, ids);
      return took;
    },
  };
}

async function listMany({ cli, socket }: Peer): Promise<Probe | undefined> {
  if (cli === undefined || socket === undefined) return undefined;
  const ids = await createAll(socket, stopped);
  return { sample: () => timed(cli("ps", "-a")), close: () => removeAll(socket, ids) };
}

async function memoryOfEach({ enginePids, socket }: Peer): Promise<Probe | undefined> {
  if (enginePids === undefined || socket === undefined) return undefined;
  const count = 50;
  const engine = () => enginePids().reduce((sum, pid) => sum + memoryOf(pid), 0);
  return {
    sample: async () => {
      const before = engine();
      const ids = await createAll(socket, count);
      await eachOf(ids, (id) => call(socket, "POST", `/containers/${id}/start`));
      const beside = ids.flatMap(helpersOf).reduce((sum, pid) => sum + memoryOf(pid), 0);
      const grown = Math.max(0, engine() - before);
      await removeAll(socket, ids);
      return (beside + grown) / count;
    },
  };
}

/** conmon, or the shim: processes that name the container on their command line. */
function helpersOf(id: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(id);
    } catch {
      return false;
    }
  });
}

async function createAll(socket: string, count: number): Promise<string[]> {
  const body = { Image: busybox, Cmd: ["sleep", "1000"], StopSignal: "SIGKILL" };
  const numbers = Array.from({ length: count }, (_, index) => index);
  const made = await eachOf(numbers, () => call(socket, "POST", "/containers/create", body));
  return made.map((answer) => (answer as { Id: string }).Id);
}

async function removeAll(socket: string, ids: readonly string[]): Promise<void> {
  await eachOf(ids, (id) => call(socket, "DELETE", `/containers/${id}?force=1`));
}
