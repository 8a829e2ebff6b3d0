import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { run, tryRun } from "../command.ts";
import { busybox, type Inputs } from "../inputs/inputs.ts";
import { mixedBytes } from "../inputs/random.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";

const connections = 16;
const requestsEach = 100;
const logMegabytes = 50;
const contextMegabytes = 300;

/** The engine's API itself, without a command line in front. */
export const apiScenarios: readonly Scenario[] = [
  {
    id: "api-list",
    area: "api",
    title: `${connections * requestsEach} × \`GET /containers/json\` with 10 containers, ${connections} connections`,
    unit: "ms",
    quick: true,
    rounds: 10,
    goal: { peer: "docker", ratio: 1 / 3 },
    open: listContainers,
  },
  {
    id: "api-logs",
    area: "api",
    title: `\`GET /containers/{id}/logs\` of ${logMegabytes} MB`,
    unit: "ms",
    rounds: 5,
    goal: { peer: "docker", ratio: 1 },
    open: readLogs,
  },
  {
    id: "api-attach",
    area: "api",
    title: `\`POST /containers/{id}/attach\`, ${logMegabytes} MB from the container`,
    unit: "ms",
    rounds: 5,
    goal: { peer: "docker", ratio: 1 },
    open: attach,
  },
  {
    id: "api-build",
    area: "api",
    title: `\`POST /build\` with a context of ${contextMegabytes} MB`,
    unit: "ms",
    rounds: 3,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: build,
  },
];

function listContainers({ cli, socket }: Peer): Probe | undefined {
  if (cli === undefined || socket === undefined) return undefined;
  const names = Array.from({ length: 10 }, (_, index) => `bench-api-${index}`);
  for (const name of names) run(cli("create", "--name", name, busybox, "true"));
  return {
    sample: async () => {
      const started = performance.now();
      await Promise.all(Array.from({ length: connections }, () => ask(socket, requestsEach)));
      return performance.now() - started;
    },
    close: () => void tryRun(cli("rm", "-f", ...names)),
  };
}

/** So many requests over one connection, each sent when the last was answered. */
async function ask(path: string, count: number): Promise<void> {
  const client = connect({ path });
  for (let sent = 0; sent < count; sent++) {
    client.write("GET /v1.41/containers/json?all=1 HTTP/1.1\r\nHost: x\r\n\r\n");
    await answered(client);
  }
  client.destroy();
}

async function answered(client: Socket): Promise<void> {
  let held = "";
  for (;;) {
    held += ((await once(client, "data")) as [Buffer])[0].toString("latin1");
    const end = held.indexOf("\r\n\r\n");
    if (end < 0) continue;
    const length = /content-length: (\d+)/i.exec(held.slice(0, end))?.[1];
    if (length === undefined ? held.endsWith("0\r\n\r\n") : held.length >= end + 4 + Number(length)) return;
  }
}

const printed = [
  "sh",
  "-c",
  `yes 0123456789012345678901234567890123456789012345678 | head -c ${logMegabytes}000000`,
];

function readLogs({ cli, socket }: Peer): Probe | undefined {
  if (cli === undefined || socket === undefined) return undefined;
  const whole = ["--log-opt", "max-size=1g"];
  run(cli("run", "-d", "--name", "bench-api-logs", ...whole, busybox, ...printed));
  run(cli("wait", "bench-api-logs"));
  const request = "GET /v1.41/containers/bench-api-logs/logs?stdout=1 HTTP/1.0\r\nHost: x\r\n\r\n";
  return {
    sample: () => timeToEnd(socket, request),
    close: () => void tryRun(cli("rm", "-f", "bench-api-logs")),
  };
}

function attach({ cli, socket }: Peer): Probe | undefined {
  if (cli === undefined || socket === undefined) return undefined;
  return {
    sample: async (round) => {
      const name = `bench-api-attach-${round}`;
      run(cli("create", "--name", name, busybox, ...printed));
      const query = "stream=1&stdout=1&stderr=1";
      const request = `POST /v1.41/containers/${name}/attach?${query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
      const taken = timeToEnd(socket, request, () => run(cli("start", name)));
      await taken;
      run(cli("rm", "-f", name));
      return await taken;
    },
  };
}

/** Until the peer has sent everything and ended the connection. `joined` is called with its first byte. */
async function timeToEnd(path: string, request: string, joined: () => void = () => {}): Promise<number> {
  const started = performance.now();
  const client = connect({ path });
  client.write(request);
  let bytes = 0;
  client.on("data", (chunk: Buffer) => {
    if (bytes === 0) joined();
    bytes += chunk.length;
  });
  await once(client, "end");
  client.destroy();
  if (bytes < logMegabytes * 1e6) throw new Error(`only ${bytes} bytes came`);
  return performance.now() - started;
}

function build({ cli, socket }: Peer, inputs: Inputs): Probe | undefined {
  if (cli === undefined || socket === undefined) return undefined;
  const directory = join(inputs.directory, "api-context");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "Dockerfile"), `FROM ${busybox}\nCOPY data /data\n`);
  const archive = join(inputs.directory, "api-context.tar");
  return {
    sample: async (round) => {
      writeFileSync(join(directory, "data"), mixedBytes(1000 + round, contextMegabytes * 1e6));
      run({ argv: ["tar", "-C", directory, "-cf", archive, "."] });
      const started = performance.now();
      const answer = await fetch("http://x/v1.41/build?t=bench-api-build", {
        method: "POST",
        body: Bun.file(archive),
        unix: socket,
        headers: { "Content-Type": "application/x-tar" },
      });
      const text = await answer.text();
      if (!text.includes("Successfully built")) throw new Error(text.slice(-500));
      return performance.now() - started;
    },
    close: () => {
      tryRun(cli("rmi", "-f", "bench-api-build"));
      for (const path of [directory, archive]) rmSync(path, { recursive: true, force: true });
    },
  };
}
