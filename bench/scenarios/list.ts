import { run, timed, tryRun } from "../command.ts";
import { busybox } from "../inputs/inputs.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";

/** What one looks at all day: how long until the answer is on the screen. */
export const listScenarios: readonly Scenario[] = [
  {
    id: "ps-10",
    area: "list",
    title: "`ps -a` with 10 containers",
    unit: "ms",
    quick: true,
    rounds: 20,
    goal: { peer: "docker", ratio: 1 },
    scale: { series: "`ps -a`, containers", amount: 10 },
    open: (peer) => listContainers(peer, 10),
  },
  {
    id: "images-10",
    area: "list",
    title: "`images` with 10 tags",
    unit: "ms",
    quick: true,
    rounds: 20,
    goal: { peer: "docker", ratio: 1 },
    scale: { series: "`images`, tags", amount: 10 },
    open: (peer) => listImages(peer, 10),
  },
  {
    id: "cli-start",
    area: "list",
    title: "start of the command line (`--version`)",
    unit: "ms",
    quick: true,
    rounds: 20,
    open: ({ cli }) => cli && { sample: () => timed(cli("--version")) },
  },
];

function listContainers({ cli }: Peer, count: number): Probe | undefined {
  if (cli === undefined) return undefined;
  const names = Array.from({ length: count }, (_, index) => `bench-list-${index}`);
  for (const name of names) run(cli("create", "--name", name, busybox, "true"));
  return { sample: () => timed(cli("ps", "-a")), close: () => void tryRun(cli("rm", "-f", ...names)) };
}

function listImages({ cli }: Peer, count: number): Probe | undefined {
  if (cli === undefined) return undefined;
  const tags = Array.from({ length: count }, (_, index) => `bench-list:${index}`);
  for (const tag of tags) run(cli("tag", busybox, tag));
  return { sample: () => timed(cli("images")), close: () => void tryRun(cli("rmi", ...tags)) };
}
