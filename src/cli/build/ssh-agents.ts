import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CleanupStack } from "../../internal/cleanup-stack.ts";
import { ExitError } from "../command.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** SSH agents for a build. Dispose ends those that were started for it. */
export interface SshAgents extends AsyncDisposable {
  /** Sockets by id. */
  readonly sockets: Readonly<Record<string, string>>;
}

/**
 * `--ssh default` (the agent of SSH_AUTH_SOCK), `--ssh id=/path/to/socket`, `--ssh id=key.pem,other.pem` (an agent of
 * its own that holds those keys). Throws {@link ExitError}.
 */
export async function openAgents(words: readonly string[], env: Env): Promise<SshAgents> {
  const undo = new CleanupStack();
  const sockets: Record<string, string> = {};
  try {
    for (const word of words) {
      const [, id = "", paths] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      sockets[id === "" ? "default" : id] = await openAgent((paths ?? "").split(","), env, undo);
    }
  } catch (error) {
    await undo[Symbol.asyncDispose]();
    throw error;
  }
  return { sockets, [Symbol.asyncDispose]: () => undo[Symbol.asyncDispose]() };
}

async function openAgent(paths: readonly string[], env: Env, undo: CleanupStack): Promise<string> {
  const [first = ""] = paths;
  const path = first === "" ? (env["SSH_AUTH_SOCK"] ?? "") : first;
  if (path === "")
    throw failed("invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set, or name a socket or key");
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw failed(`ssh: "${path}" not found`);
  if (!stat.isSocket()) return await startAgent(paths, undo);
  if (paths.length > 1) throw failed("only single socket allowed");
  return resolve(path);
}

async function startAgent(keys: readonly string[], undo: CleanupStack): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "slipway-ssh-"));
  undo.push(() => rmSync(directory, { recursive: true, force: true }));
  const socket = join(directory, "agent");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  let problem: Error | undefined;
  agent.on("error", (error) => (problem = error));
  undo.push(() => agent.kill());
  for (let tries = 0; !existsSync(socket); tries += 1) {
    if (problem !== undefined || tries === 200)
      throw failed(`ssh-agent cannot be started`, { cause: problem });
    await sleep(10);
  }
  for (const key of keys) await addKey(key, socket);
  return socket;
}

/** Standard input stays open: ssh-add may ask for a passphrase. */
async function addKey(key: string, socket: string): Promise<void> {
  const child = spawn("ssh-add", ["-q", key], {
    stdio: ["inherit", "ignore", "inherit"],
    env: { ...process.env, SSH_AUTH_SOCK: socket },
  });
  const code = await new Promise<number | null>((done) => {
    child.on("error", () => done(null));
    child.on("close", done);
  });
  if (code !== 0) throw failed(`ssh-add refuses the key "${key}"`);
}

function failed(message: string, options?: ErrorOptions): ExitError {
  return new ExitError(1, `ERROR: failed to build: ${message}`, options);
}
