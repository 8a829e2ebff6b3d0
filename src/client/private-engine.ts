import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn, type ChildProcess } from "node:child_process";
import { SlipwayError } from "../errors.ts";
import { CleanupStack } from "../internal/cleanup-stack.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { RemoteEngine } from "./remote-engine.ts";
import { startEngineProcess } from "./start-engine.ts";

const graceMs = 10_000;

/** Where the private engine keeps its files, and how it is started. */
export interface PrivateEngineOptions extends CallOptions {
  /** Where it keeps everything. Default: a temporary directory, removed at the end. */
  readonly root?: string;
  readonly command: readonly string[];
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * An engine of one's own. Dispose ends it and waits for its end (idempotent); it ends as well when this process is
 * killed. A root that was passed in stays, with its containers; one of its own goes with all that runs there.
 */
export class PrivateEngine extends RemoteEngine {
  readonly socketPath: string;
  readonly root: string;
  readonly #ending: CleanupStack;

  private constructor(socketPath: string, root: string, ending: CleanupStack) {
    super({ socketPath });
    this.socketPath = socketPath;
    this.root = root;
    this.#ending = ending;
  }

  /** Starts one on a socket in a private temporary directory. Throws `unavailable`; nothing is left behind then. */
  static async start(options: PrivateEngineOptions): Promise<PrivateEngine> {
    await using undo = new CleanupStack();
    const directory = await mkdtemp(join(tmpdir(), "slipway-"));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const root = options.root ?? join(directory, "root");
    const socketPath = join(directory, "slipway.sock");
    const owned = options.root === undefined ? directory : true;
    const started = await startEngineProcess({ ...options, root, socketPath, detached: false, owned });
    const ending = new CleanupStack();
    ending.push(() => rm(directory, { recursive: true, force: true }));
    // Containers, links and rules outlive their engine, but not the root they stand in.
    if (options.root === undefined) ending.push(() => uninstall(options, root));
    ending.push(() => end(started.process));
    undo.release();
    return new PrivateEngine(socketPath, root, ending);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#ending[Symbol.asyncDispose]();
  }
}

/** `slipway system uninstall`: takes out of the running system what the engine put there. */
async function uninstall({ command, env = process.env }: PrivateEngineOptions, root: string): Promise<void> {
  const [program = "", ...args] = command;
  const words = [...args, "--root", root, "system", "uninstall", "--force", "--data"];
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"], cwd: "/", env: { ...env } });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new SlipwayError("internal", `Cannot remove the engine of "${root}": ${said.trim()}`);
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await over;
  clearTimeout(timer);
}
