/** Clients that people already use, as they are, against a real engine. One that is not installed is skipped, and said so. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { EngineProcess, makeBusybox } from "../../engine/lab.ts";

let lab: EngineProcess;
let directory: string;

beforeAll(async () => {
  lab = await EngineProcess.start();
  directory = join(dirname(lab.root), "shop");
  cpSync(join(import.meta.dir, "shop"), directory, { recursive: true });
  mkdirSync(join(directory, "config"));
  await makeBusybox(lab.engine, lab.root);
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

/** What it printed. The client sees nothing of the user's own configuration. */
async function run(words: readonly string[], input = ""): Promise<string> {
  const child = Bun.spawn([...words], {
    cwd: directory,
    env: {
      PATH: process.env["PATH"],
      HOME: directory,
      DOCKER_HOST: `unix://${lab.socket}`,
      DOCKER_CONFIG: join(directory, "config"),
      TESTCONTAINERS_RYUK_DISABLED: "true",
    },
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${words.join(" ")}: exit code ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

function when(isThere: boolean, what: string) {
  if (!isThere) console.log(`skipped: ${what} is not installed`);
  return test.skipIf(!isThere);
}

const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
// Version 2 builds with BuildKit alone; version 1 builds and executes with the docker client.
const isFirst = spawnSync("docker-compose", ["version", "--short"], { encoding: "utf8" }).stdout?.startsWith(
  "1.",
);
const compose = isFirst === true && Bun.which("docker") !== null ? Bun.which("docker-compose") : null;
const hasModern = works(
  "node",
  "-e",
  "process.exit(Number(process.versions.node.split('.')[0]) >= 20 ? 0 : 1)",
);

when(compose !== null, "docker-compose 1, or the docker client it uses,")(
  "docker-compose brings up, scales, execs, logs and takes down a project of three services",
  async () => {
    const shop = (...words: string[]) => run([compose ?? "", "-p", "shop", ...words]);
    await shop("up", "-d", "--build");
    // The job ran once the web service was healthy, and found both others by their names.
    expect(await shop("logs", "--no-color", "--follow", "job")).toMatch(/welcome\n.*job-ok/);
    expect(await shop("exec", "-T", "web", "cat", "/www/built.txt")).toBe("built-by-compose\n");
    const port = /:(\d+)$/m.exec(await shop("port", "web", "8080"))?.[1] ?? "";
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("welcome\n");
    await shop("up", "-d", "--scale", "db=2");
    expect((await shop("ps", "-q", "db")).trim().split("\n")).toHaveLength(2);
    expect(await shop("run", "--rm", "-T", "db", "echo", "run-ok")).toBe("run-ok\n");
    await shop("up", "-d", "--force-recreate", "-t", "0", "web");
    expect(await shop("top", "web")).toContain("httpd");
    await shop("restart", "-t", "0", "db");
    await shop("down", "-v", "-t", "0", "--rmi", "local");
    expect(await lab.engine.containers.list({ all: true })).toEqual([]);
    expect((await lab.engine.volumes.list()).Volumes).toEqual([]);
  },
);

when(works("/usr/bin/python3", "-c", "import docker"), "python3-docker")(
  "python3-docker runs, streams, copies, builds, saves and connects",
  async () => {
    const script = join(import.meta.dir, "python-docker.py");
    const said = await run(["/usr/bin/python3", script, `unix://${lab.socket}`]);
    expect(said.trim().split("\n")).toHaveLength(4);
  },
);

when(hasModern, "Node 20")("dockerode runs, attaches, execs, copies and builds", async () => {
  await run(["node", join(import.meta.dir, "dockerode.mjs"), lab.socket, join(directory, "web")]);
});

when(hasModern, "Node 20")("testcontainers waits for logs, ports, HTTP and health, and builds", async () => {
  await run(["node", join(import.meta.dir, "testcontainers.mjs"), join(directory, "web")]);
});
