import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { BuildHarness, output, type Built } from "./harness.ts";
import { freePort } from "../free-port.ts";
import { until } from "../until.ts";

setDefaultTimeout(60_000);

const sshd = "/usr/sbin/sshd";
const hasServer = existsSync(sshd);
if (!hasServer) console.warn("skipped: git over ssh (sshd is not installed)");

let harness: BuildHarness;
let directory = "";
let port = 0;
const children: ChildProcess[] = [];

function must(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, SSH_AUTH_SOCK: join(directory, "agent"), GIT_CONFIG_GLOBAL: "/dev/null" },
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => resolve(false));
    socket.on("data", () => resolve(true));
    setTimeout(() => socket.destroy(), 2000).unref();
  });
}

/** A server that shows the host key of that name. */
async function serve(key: string): Promise<ChildProcess> {
  const config = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(directory, key)}`,
    `AuthorizedKeysFile ${join(directory, "user.pub")}`,
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    "PermitRootLogin prohibit-password",
  ];
  writeFileSync(join(directory, "sshd_config"), `${config.join("\n")}\n`);
  const child = spawn(sshd, ["-D", "-e", "-f", join(directory, "sshd_config")], { stdio: "ignore" });
  children.push(child);
  await until(answers);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await gone;
}

beforeAll(async () => {
  if (!hasServer) return;
  harness = await BuildHarness.open();
  directory = harness.directory("ssh");
  port = await freePort();
  mkdirSync("/run/sshd", { recursive: true });
  for (const name of ["first", "second", "user"])
    must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(directory, name));
  children.push(spawn("ssh-agent", ["-D", "-a", join(directory, "agent")], { stdio: "ignore" }));
  await until(() => existsSync(join(directory, "agent")));
  must("ssh-add", "-q", join(directory, "user"));
  const repository = join(directory, "repository");
  mkdirSync(repository);
  writeFileSync(join(repository, "file"), "over ssh\n");
  const git = (...args: string[]): void =>
    must("git", "-C", repository, "-c", "user.name=n", "-c", "user.email=e@example.org", ...args);
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "one");
});

afterAll(async () => {
  for (const child of children) await end(child);
  await harness?.[Symbol.asyncDispose]();
});

function build(): Promise<Built> {
  const url = `ssh://root@127.0.0.1:${port}${join(directory, "repository")}`;
  const text = `FROM busybox\nADD ${url} /r\nRUN cat /r/file\n`;
  return harness.build({
    context: { kind: "empty" },
    dockerfile: { text },
    ssh: { default: join(directory, "agent") },
    noCache: true,
  });
}

test.if(hasServer)(
  "git over ssh keeps a server's key at the first meeting, and refuses the server with another",
  async () => {
    const first = await serve("first");
    expect(output((await build()).events)).toBe("over ssh\n");
    const known = readFileSync(join(harness.root, "known_hosts"), "utf8");
    const [, key = ""] = readFileSync(join(directory, "first.pub"), "utf8").split(" ");
    expect(known).toContain(key);
    expect(output((await build()).events)).toBe("over ssh\n");
    await end(first);
    const second = await serve("second");
    const refused: unknown = await build().catch((error: unknown) => error);
    expect(String(refused)).toContain("Host key verification failed");
    expect(readFileSync(join(harness.root, "known_hosts"), "utf8")).toBe(known);
    await end(second);
  },
);
