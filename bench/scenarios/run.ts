import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { run, timed, tryRun } from "../command.ts";
import { busybox, type Inputs } from "../inputs/inputs.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";

/** A container's life from the command line, and what happens inside a running one. */
export const runScenarios: readonly Scenario[] = [
  {
    id: "run-bridge",
    area: "run",
    title: "`run --rm busybox true`, bridge network",
    unit: "ms",
    quick: true,
    rounds: 15,
    goal: { peer: "docker", ratio: 1 / 5 },
    open: (peer, inputs) => runOnce(peer, inputs, []),
  },
  {
    id: "run-none",
    area: "run",
    title: "the same, `--network none`",
    unit: "ms",
    quick: true,
    rounds: 15,
    goal: { peer: "docker", ratio: 1 / 5 },
    open: (peer, inputs) => runOnce(peer, inputs, ["--network", "none"]),
  },
  {
    id: "run-detached",
    area: "run",
    title: "`run -d busybox sleep`, until the ID is printed",
    unit: "ms",
    rounds: 10,
    open: runDetached,
  },
  {
    id: "exec",
    area: "run",
    title: "`exec CONTAINER true`",
    unit: "ms",
    quick: true,
    rounds: 15,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: execProbe,
  },
  {
    id: "stop",
    area: "run",
    title: "`stop` of a process that ends on SIGTERM",
    unit: "ms",
    rounds: 10,
    goal: { peer: "docker", ratio: 1 / 3 },
    open: stopProbe,
  },
];

const sleeper = ["sh", "-c", "trap exit TERM; sleep 1000 & wait"];

function runOnce(peer: Peer, inputs: Inputs, network: readonly string[]): Probe | undefined {
  if (peer.bareRun !== undefined) return bareProbe(peer, inputs);
  const command = peer.cli?.("run", "--rm", ...network, busybox, "true");
  return command && { sample: () => timed(command) };
}

/** The floor: a bundle that is ready, and nothing around it. */
function bareProbe(peer: Peer, inputs: Inputs): Probe {
  const bundle = inputs.scratch(`bundle-${peer.name}`);
  inputs.busyboxRoot(join(bundle, "rootfs"));
  run({ argv: [peer.name, "spec"], cwd: bundle });
  const path = join(bundle, "config.json");
  const spec = JSON.parse(readFileSync(path, "utf8")) as { process: { terminal: boolean; args: string[] } };
  Object.assign(spec.process, { terminal: false, args: ["true"] });
  writeFileSync(path, JSON.stringify(spec));
  return { sample: (round) => timed(peer.bareRun?.(bundle, `bench-${peer.name}-${round}`) ?? { argv: [] }) };
}

function runDetached({ cli }: Peer): Probe | undefined {
  if (cli === undefined) return undefined;
  return {
    sample: () => {
      const took = timed(cli("run", "-d", "--name", "bench-detached", busybox, ...sleeper));
      run(cli("rm", "-f", "bench-detached"));
      return took;
    },
    close: () => void tryRun(cli("rm", "-f", "bench-detached")),
  };
}

function execProbe({ cli }: Peer): Probe | undefined {
  if (cli === undefined) return undefined;
  run(cli("run", "-d", "--name", "bench-exec", busybox, ...sleeper));
  return {
    sample: () => timed(cli("exec", "bench-exec", "true")),
    close: () => void tryRun(cli("rm", "-f", "bench-exec")),
  };
}

function stopProbe({ cli }: Peer): Probe | undefined {
  if (cli === undefined) return undefined;
  return {
    sample: () => {
      run(cli("run", "-d", "--name", "bench-stop", busybox, ...sleeper));
      const took = timed(cli("stop", "bench-stop"));
      run(cli("rm", "bench-stop"));
      return took;
    },
    close: () => void tryRun(cli("rm", "-f", "bench-stop")),
  };
}
