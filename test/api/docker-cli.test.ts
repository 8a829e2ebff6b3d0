import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HttpServer } from "../../src/api/http/listen.ts";
import { serveEngine } from "../../src/api/serve-engine.ts";
import { memoryEngine, type MemoryEngine } from "../fixtures/memory-engine/engine.ts";

const docker = Bun.which("docker");
const withDocker = test.skipIf(docker === null);
let directory: string;
let engine: MemoryEngine;
let server: HttpServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-docker-"));
  await mkdir(join(directory, "context"));
  await writeFile(join(directory, "context/Dockerfile"), "FROM busybox\nRUN echo hi\n");
  engine = memoryEngine();
  server = await serveEngine(engine, { address: { path: join(directory, "s.sock") }, version: "0.1.0" });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real client; its configuration stays in the test's directory. */
async function run(words: string, input: Uint8Array = new Uint8Array(), env: object = {}): Promise<Outcome> {
  const child = Bun.spawn([docker ?? "docker", ...words.split(" ")], {
    env: {
      DOCKER_HOST: `unix://${join(directory, "s.sock")}`,
      DOCKER_CONFIG: join(directory, "config"),
      PATH: "/usr/bin:/bin",
      ...env,
    },
    stdin: input,
    stdout: "pipe",
    stderr: "pipe",
    timeout: 15_000,
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}

withDocker("docker runs, lists, stops and removes containers", async () => {
  expect(await run("pull -q busybox")).toMatchObject({
    code: 0,
    stdout: "docker.io/library/busybox:latest\n",
  });
  expect(await run("run --rm busybox echo hello")).toEqual({ code: 0, stdout: "hello\n", stderr: "done\n" });
  expect((await run("run --rm busybox false")).code).toBe(1);
  expect((await run("run -d --name c1 busybox sleep")).stdout).toMatch(/^[0-9a-f]{64}\n$/);
  expect((await run("run --name c1 busybox")).stderr).toContain(
    'Conflict. The container name "/c1" is already in use',
  );
  expect((await run("ps --format {{.Names}}")).stdout).toBe("c1\n");
  expect(await run("exec c1 echo in")).toMatchObject({ code: 0, stdout: "in\n" });
  expect((await run("exec c1 false")).code).toBe(1);
  expect((await run("stop c1")).stdout).toBe("c1\n");
  expect((await run("rm c1")).stdout).toBe("c1\n");
  expect((await run("ps -aq")).stdout).toBe("");
});

withDocker("docker run -i passes standard input to its end", async () => {
  const input = Buffer.alloc(5_000_000, "0123456789");
  const { code, stdout } = await run("run -i --rm busybox cat", input);
  expect(code).toBe(0);
  expect(stdout.length).toBe(input.length);
});

withDocker("docker logs follows until the container ends", async () => {
  await run("run --name talker busybox echo words");
  expect(await run("logs -f talker")).toEqual({ code: 0, stdout: "words\n", stderr: "done\n" });
  expect((await run("wait talker")).stdout).toBe("0\n");
  await run("rm talker");
});

withDocker("docker build uses the classic builder without being told", async () => {
  const { code, stdout } = await run(`build -t t1 ${join(directory, "context")}`);
  expect(code).toBe(0);
  expect(stdout).toContain("Step 2/2 : RUN echo hi");
  expect(stdout).toEndWith("Successfully built bbbbbbbbbbbb\nSuccessfully tagged t1:latest\n");
  const quiet = await run(`build --compress -q ${join(directory, "context")}`, undefined, {
    DOCKER_BUILDKIT: "0",
  });
  expect(quiet.stdout).toBe(`sha256:${"b".repeat(64)}\n`);
  expect((await run(`build --target bad ${join(directory, "context")}`)).stderr).toContain(
    'target stage "bad"',
  );
});

withDocker("docker pull, push, save and load show what the engine says", async () => {
  expect((await run("pull missing")).stderr).toContain("blob is damaged");
  expect((await run("pull nowhere")).stderr).toBe(
    "Error response from daemon: pull access denied for nowhere:latest\n",
  );
  await run("tag busybox localhost:5000/b:v1");
  expect((await run("push localhost:5000/b:v1")).code).toBe(0);
  expect((await run("push -a localhost:5000/b")).code).toBe(0);
  expect((await run("push localhost:5000/none")).stderr).toContain("No such image");
  expect((await run("load", Buffer.alloc(1000))).stdout).toContain(
    "Loaded image: loaded:latest (1000 bytes)",
  );
});

withDocker("docker's other areas get what an engine outside a swarm answers", async () => {
  expect((await run("node ls")).stderr).toContain("This node is not a swarm manager");
  expect((await run("plugin ls")).code).toBe(0);
  expect((await run("info")).stdout).toContain("Swarm: inactive");
  expect((await run("version --format {{.Server.APIVersion}}")).stdout).toBe("1.50\n");
  expect((await run("diff busybox")).stderr).toContain("The memory engine has no files.changes");
  expect((await run("login -u u --password-stdin localhost:5000", Buffer.from("wrong"))).stderr).toContain(
    "incorrect username",
  );
  expect((await run("login -u u --password-stdin localhost:5000", Buffer.from("p"))).stdout).toContain(
    "Login Succeeded",
  );
  expect((await run("events --since 1 --until 2 --format {{.Action}}")).stdout).toContain("start");
});
