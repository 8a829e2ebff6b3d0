import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildRequest } from "../../src/build/builder.ts";
import { BuildHarness, outcomes, output, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

const secret = "s3cr3t-nobody-shall-see";
let harness: BuildHarness;

beforeAll(async () => {
  harness = await BuildHarness.open();
});

afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

function build(text: string, more: Partial<BuildRequest> = {}): Promise<Built> {
  const secrets = { token: Buffer.from(secret).toString("base64") };
  return harness.build({ context: { kind: "empty" }, dockerfile: { text }, secrets, ...more });
}

/** Files below the harness's root that hold the secret. */
function traces(): string[] {
  const files = readdirSync(harness.root, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  return paths.filter((path) => readFileSync(path).includes(secret));
}

test("a secret is a file and a variable of its step, and leaves no trace", async () => {
  const mount = "--mount=type=secret,id=token,env=TOKEN,target=/run/secrets/token,uid=1000,mode=0440";
  const text =
    `FROM busybox\nRUN ${mount} stat -c '%u %g %a' /run/secrets/token && wc -c < /run/secrets/token && ` +
    'echo "${#TOKEN}" && test "$(cat /run/secrets/token)" = "$TOKEN"\nRUN test ! -e /run && test -z "$TOKEN"\n';
  const built = await build(text, { tags: ["with-secret"] });
  expect(output(built.events)).toBe(`1000 0 440\n${secret.length}\n${secret.length}\n`);
  expect(JSON.stringify([built.events, built.config])).not.toContain(secret);
  expect(traces()).toEqual([]);
  expect(harness.mounts()).toEqual([]);
});

test("a secret's value does not count for the cache", async () => {
  const text = "FROM busybox\nRUN --mount=type=secret,id=token cat /run/secrets/token | wc -c\n";
  await build(text);
  const again = await build(text, { secrets: { token: Buffer.from("other").toString("base64") } });
  expect([...outcomes(again.events).values()].every(({ cached }) => cached)).toBe(false);
  const run = [...outcomes(again.events)].find(([name]) => name.includes("RUN"));
  expect(run?.[1].cached).toBe(true);
});

test("a secret wins over a variable of its name", async () => {
  const text =
    'FROM busybox\nENV TOKEN=public\nRUN --mount=type=secret,id=token,env=TOKEN env | grep -c "^TOKEN="; echo ${#TOKEN}\n';
  expect(output((await build(text)).events)).toBe(`1\n${secret.length}\n`);
});

test("a step can do without a secret unless it is required", async () => {
  const text = (options: string): string =>
    `FROM busybox\nRUN --mount=type=secret,id=none${options} test ! -e /run/secrets/none && echo none\n`;
  expect(output((await build(text(""))).events)).toBe("none\n");
  await expect(build(text(",required"))).rejects.toThrow("secret none: not found");
});

test("a secret that is too large is refused", async () => {
  const secrets = { token: Buffer.alloc(600 << 10).toString("base64") };
  await expect(build("FROM busybox\nRUN true\n", { secrets })).rejects.toThrow("secret token is larger than");
});

async function startAgent(socket: string): Promise<ChildProcess> {
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  for (let tries = 0; !existsSync(socket) && tries < 200; tries += 1) await Bun.sleep(10);
  return agent;
}

const hasSsh = Bun.which("ssh-agent") !== null && Bun.which("ssh-add") !== null;

test.skipIf(!hasSsh)("an SSH agent is there for the step that mounts it, whoever its user is", async () => {
  const directory = harness.directory("agent");
  const key = join(directory, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "the-key", "-f", key]);
  const socket = join(directory, "sock");
  const agent = await startAgent(socket);
  try {
    execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const text =
      "FROM scratch\nCOPY . /\nUSER 1000:1000\n" +
      'RUN --mount=type=ssh,uid=1000,required ["/usr/bin/ssh-add", "-L"]\n';
    const built = await harness.build({
      context: { kind: "directory", path: sshTools() },
      dockerfile: { text },
      ssh: { default: socket },
    });
    expect(output(built.events)).toContain("the-key");
  } finally {
    agent.kill();
  }
  expect(harness.mounts()).toEqual([]);
  const text = "FROM busybox\nRUN --mount=type=ssh,required true\n";
  await expect(build(text)).rejects.toThrow('no SSH key "default" forwarded from the client');
  const without = await build('FROM busybox\nRUN --mount=type=ssh test ! -e "$SSH_AUTH_SOCK" && echo none\n');
  expect(output(without.events)).toBe("none\n");
});

/** A root filesystem with ssh-add and what it is linked with. */
function sshTools(): string {
  const root = harness.directory("ssh-tools");
  const linked = execFileSync("ldd", ["/usr/bin/ssh-add"], { encoding: "utf8" });
  for (const path of ["/usr/bin/ssh-add", ...linked.matchAll(/\/\S+/g).map(([path]) => path)]) {
    execFileSync("mkdir", ["-p", join(root, path, "..")]);
    copyFileSync(path, join(root, path));
  }
  return root;
}
