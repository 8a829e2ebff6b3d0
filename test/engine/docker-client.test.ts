/** The real `docker` client against a real engine: what people's fingers and scripts know. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineProcess, makeBusybox } from "./lab.ts";
import { until } from "../until.ts";
import { localRegistry, type LocalRegistry } from "./registry.ts";

const docker = Bun.which("docker");
if (docker === null) console.warn("skipped: there is no docker client on this machine");
const withDocker = test.skipIf(docker === null);
let at: EngineProcess;
let registry: LocalRegistry;

beforeAll(async () => {
  if (docker === null) return;
  [at, registry] = await Promise.all([EngineProcess.start(), localRegistry()]);
  await makeBusybox(at.engine, at.root);
});

afterAll(async () => {
  await at?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(words: readonly string[], env: object = {}, input = ""): Promise<Outcome> {
  const child = Bun.spawn([docker ?? "docker", ...words], {
    env: {
      DOCKER_HOST: `unix://${at.socket}`,
      DOCKER_CONFIG: join(at.root, "../docker-config"),
      PATH: "/usr/bin:/bin",
      ...env,
    },
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
    timeout: 30_000,
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}

/** What it printed; throws when it failed. */
async function said(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(words);
  if (code !== 0) throw new Error(`docker ${words.join(" ")}: ${stderr}`);
  return stdout;
}

withDocker("docker version, info, images and ps", async () => {
  expect(await said("version", "--format", "{{.Server.APIVersion}} {{.Server.Os}}")).toBe("1.50 linux\n");
  expect(await said("info", "--format", "{{.Driver}}")).toBe("overlay2\n");
  expect(await said("images", "--format", "{{.Repository}}:{{.Tag}}")).toBe("busybox:latest\n");
  expect(await said("ps", "-aq")).toBe("");
});

withDocker("docker run, foreground: output, exit code, input, what cannot be run", async () => {
  expect(await run(["run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
  expect((await run(["run", "--rm", "-i", "busybox", "cat"], {}, "through\n")).stdout).toBe("through\n");
  const missing = await run(["run", "--rm", "busybox", "nope"]);
  expect(missing.code).toBe(127);
  expect(missing.stderr).toContain('exec: "nope": executable file not found in $PATH');
  expect((await run(["run", "--rm", "busybox", "/etc"])).code).toBe(126);
  const absent = await run(["run", "--rm", `${registry.host}/not/there`]);
  expect(absent.code).toBe(125);
  expect(absent.stderr).toContain(`Unable to find image '${registry.host}/not/there:latest' locally`);
  const offline = await run(["run", "--rm", "--network", "nowhere", "busybox"]);
  expect(offline.code).toBe(125);
  expect(offline.stderr).toContain("network nowhere not found");
  expect(
    await said(
      "run",
      "--rm",
      "-e",
      "A=b",
      "-w",
      "/made/here",
      "-u",
      "app",
      "busybox",
      "sh",
      "-c",
      "echo $A; pwd; id -u",
    ),
  ).toBe("b\n/made/here\n1000\n");
  expect(await said("ps", "-aq")).toBe("");
});

withDocker("docker run -d with a port, logs, top, exec, inspect, rename, stop, start, wait, rm", async () => {
  const serve = "echo page > /tmp/index.html; echo ready; exec httpd -f -p 80 -h /tmp";
  const id = (
    await said("run", "-d", "--name", "web", "-p", "127.0.0.1::80", "busybox", "sh", "-c", serve)
  ).trim();
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  const address = (await said("port", "web", "80")).trim();
  await until(
    async () =>
      (await fetch(`http://${address}/`).then(
        (r) => r.text(),
        () => "",
      )) === "page\n",
  );
  expect(await said("ps", "--format", "{{.Names}} {{.Image}} {{.State}} {{.Ports}}")).toBe(
    `web busybox running ${address}->80/tcp\n`,
  );
  expect(await said("logs", "web")).toBe("ready\n");
  expect(await said("top", "web", "-o", "pid,args")).toContain("httpd -f -p 80");
  expect(await said("exec", "web", "cat", "/tmp/index.html")).toBe("page\n");
  expect((await run(["exec", "web", "sh", "-c", "exit 4"])).code).toBe(4);
  expect(await run(["exec", "-u", "ghost", "web", "true"])).toMatchObject({
    code: 126,
    stdout: expect.stringContaining("unable to find user ghost"),
  });
  expect((await run(["exec", "web", "nope"])).code).toBe(127);
  expect(await said("inspect", "-f", "{{.State.Status}} {{.Config.Image}}", "web")).toBe("running busybox\n");
  expect((await run(["rm", "web"])).stderr).toContain(
    "container is running: stop the container before removing",
  );
  await said("rename", "web", "www");
  expect(await said("stop", "-t", "0", "www")).toBe("www\n");
  expect(await said("wait", "www")).toBe("137\n");
  expect(await said("start", "www")).toBe("www\n");
  expect(await said("restart", "-t", "0", "www")).toBe("www\n");
  expect(await said("pause", "www")).toBe("www\n");
  expect(await said("unpause", "www")).toBe("www\n");
  expect(await said("kill", "www")).toBe("www\n");
  expect(await said("rm", "www")).toBe("www\n");
  expect((await run(["rm", "www"])).stderr).toContain("No such container: www");
});

withDocker("docker build, classic and by default, with a cache", async () => {
  const context = join(at.root, "../docker-context");
  mkdirSync(context, { recursive: true });
  writeFileSync(
    join(context, "Dockerfile"),
    'FROM busybox\nARG WHO=you\nCOPY file /file\nRUN echo hello $WHO > /hello\nCMD ["cat", "/hello"]\n',
  );
  writeFileSync(join(context, "file"), "x");
  for (const env of [{ DOCKER_BUILDKIT: "0" }, {}]) {
    const built = await run(["build", "-t", "built", "--build-arg", "WHO=world", context], env);
    expect(built).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Successfully tagged built:latest\n$/),
    });
    expect(await said("run", "--rm", "built")).toBe("hello world\n");
  }
  expect((await run(["build", "-t", "built", "--build-arg", "WHO=world", context])).stdout).toContain(
    "Using cache",
  );
  const piped = await run(["build", "-q", "-"], {}, "FROM busybox\nLABEL piped=yes\n");
  expect(piped.stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  writeFileSync(join(context, "Dockerfile"), "FROM busybox\nRUN exit 9\n");
  const failed = await run(["build", context]);
  expect(failed.code).not.toBe(0);
  expect(failed.stderr).toContain("returned a non-zero code: 9");
});

withDocker("docker tag, push, rmi, pull, history, save and load", async () => {
  const name = `${registry.host}/team/app:v1`;
  await said("tag", "built", name);
  expect(await said("push", name)).toMatch(/v1: digest: sha256:[0-9a-f]{64} size: \d+\n/);
  expect(await said("rmi", name)).toContain(`Untagged: ${name}\n`);
  await said("rmi", "built");
  expect(await said("pull", name)).toContain(`Status: Downloaded newer image for ${name}\n${name}\n`);
  expect(await said("run", "--rm", name)).toBe("hello world\n");
  expect(await said("history", "--no-trunc", "--format", "{{.CreatedBy}}", name)).toContain(
    "echo hello $WHO > /hello",
  );
  const archive = join(at.root, "../app.tar");
  await said("save", "-o", archive, name);
  await said("rmi", name);
  expect(await said("load", "-i", archive)).toBe(`Loaded image: ${name}\n`);
  expect(await said("run", "--rm", name)).toBe("hello world\n");
  expect((await run(["rmi", "busybox-not-there"])).stderr).toContain(
    "No such image: busybox-not-there:latest",
  );
});

withDocker("docker network and volume", async () => {
  await said("network", "create", "lan");
  expect(await said("network", "ls", "--format", "{{.Name}} {{.Driver}}")).toBe(
    "bridge bridge\nhost host\nlan bridge\nnone null\n",
  );
  await said("run", "-d", "--name", "db", "--network", "lan", "busybox", "sleep", "100");
  expect(await said("run", "--rm", "--network", "lan", "busybox", "ping", "-c1", "-W2", "db")).toContain(
    "1 packets received",
  );
  expect((await run(["network", "rm", "lan"])).code).toBe(1);
  await said("rm", "-f", "db");
  expect(await said("network", "rm", "lan")).toBe("lan\n");
  expect(await said("volume", "create", "store")).toBe("store\n");
  await said("run", "--rm", "-v", "store:/data", "busybox", "sh", "-c", "echo kept > /data/file");
  expect(await said("run", "--rm", "-v", "store:/data:ro", "busybox", "cat", "/data/file")).toBe("kept\n");
  expect(await said("volume", "ls", "-q")).toBe("store\n");
  expect(await said("volume", "rm", "store")).toBe("store\n");
});

withDocker("docker events tells what happened", async () => {
  const since = String(Date.now() / 1000 - 0.01);
  await said("run", "--rm", "--name", "told", "busybox", "true");
  const until_ = String(Date.now() / 1000 + 0.01);
  const events = await said(
    "events",
    "--since",
    since,
    "--until",
    until_,
    "--filter",
    "container=told",
    "--format",
    "{{.Action}}",
  );
  expect(events).toBe("create\nattach\nstart\ndie\ndestroy\n");
});
