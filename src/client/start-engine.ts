import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorMessage, isCode, SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { RemoteEngine } from "./remote-engine.ts";

/** Which engine is asked for or started, and how. */
export interface StartOptions extends CallOptions {
  /** Absolute path of the socket. */
  readonly socketPath: string;
  /** Where the engine keeps everything. Its log is `engine.log` there. */
  readonly root: string;
  /** Program and first arguments; `engine --root ROOT --socket PATH` follows: `["/usr/bin/slipway"]`. */
  readonly command: readonly string[];
  /** How long the engine may take until it answers, in ms. Default 15,000. */
  readonly timeoutMs?: number;
  /** True (the default): the engine lives on when this process ends. */
  readonly detached?: boolean;
  /**
   * The engine ends when this process does, however that happens. A directory: then all that runs in the engine ends
   * too, and the directory is removed.
   */
  readonly owned?: boolean | string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** An engine that was started here. `process` is undefined when another program's start won. */
export interface StartedEngine {
  readonly engine: RemoteEngine;
  readonly process: ChildProcess | undefined;
}

/**
 * The engine that answers on the socket; when none does, one is started in the background and waited for. Several
 * programs may do so at once: one engine wins the root, and all get it. Throws `unavailable` with the engine's last
 * words when it cannot start.
 */
export async function connectOrStart(options: StartOptions): Promise<RemoteEngine> {
  const engine = new RemoteEngine({ socketPath: options.socketPath });
  if (await answers(engine, options)) return engine;
  return (await startEngineProcess(options)).engine;
}

/** Starts an engine and resolves when it answers. See {@link connectOrStart}. */
export async function startEngineProcess(options: StartOptions): Promise<StartedEngine> {
  const engine = new RemoteEngine({ socketPath: options.socketPath });
  const log = join(options.root, "engine.log");
  const { child, logStart } = await launch(options, log);
  const deadline = Date.now() + (options.timeoutMs ?? 15_000);
  try {
    for (let delay = 5; Date.now() < deadline; delay = Math.min(delay * 1.5, 100)) {
      if (await answers(engine, options))
        return { engine, process: child.over() ? undefined : child.process };
      if (child.over() && !(await lostRace(log, logStart))) break;
      await pause(delay, options.signal);
    }
  } catch (error) {
    child.process.kill();
    throw error;
  }
  const why = child.over() ? "it ended" : "it does not answer in time";
  child.process.kill();
  const words = await lastWords(log, logStart);
  throw new SlipwayError("unavailable", `Cannot start the engine: ${why}${words === "" ? "" : `: ${words}`}`);
}

async function answers(engine: RemoteEngine, { signal }: CallOptions): Promise<boolean> {
  try {
    await engine.ping(signal === undefined ? {} : { signal });
    return true;
  } catch (error) {
    if (!isCode(error, "unavailable")) throw error;
    // Not ours to replace: an engine may well be there.
    if (/permission denied/.test(errorMessage(error))) throw error;
    return false;
  }
}

interface Launched {
  readonly process: ChildProcess;
  over(): boolean;
}

async function launch(options: StartOptions, log: string): Promise<{ child: Launched; logStart: number }> {
  const [program = "", ...args] = options.command;
  mkdirSync(options.root, { recursive: true, mode: 0o711 });
  mkdirSync(dirname(options.socketPath), { recursive: true, mode: 0o755 });
  const fd = openSync(log, "a", 0o600);
  try {
    const logStart = await sizeOf(log);
    const { detached = true, env = process.env, root, socketPath, owned = false } = options;
    const words = ["engine", "--root", root, "--socket", socketPath];
    // The end of its standard input is our end: no signal would tell of `kill -9`.
    if (owned !== false) words.push(`--owned=${owned === true ? "" : owned}`);
    const child = spawn(program, [...args, ...words], {
      detached,
      stdio: [owned === false ? "ignore" : "pipe", fd, fd],
      cwd: "/",
      env: { ...env },
    });
    await spawned(child, program);
    let over = false;
    child.once("exit", () => (over = true));
    if (detached) child.unref();
    return { child: { process: child, over: () => over || child.exitCode !== null }, logStart };
  } finally {
    closeSync(fd);
  }
}

function spawned(child: ChildProcess, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve());
    child.once("error", (cause) =>
      reject(
        new SlipwayError("unavailable", `Cannot start the engine "${program}": ${cause.message}`, { cause }),
      ),
    );
  });
}

/** Another program started an engine on the same root at the same time: its socket is about to answer. */
async function lostRace(log: string, from: number): Promise<boolean> {
  return /another engine/.test(await lastWords(log, from));
}

/** The end of what the engine wrote, on one line. */
async function lastWords(log: string, from: number): Promise<string> {
  const size = await sizeOf(log);
  const length = Math.min(size - from, 2000);
  if (length <= 0) return "";
  await using file = await open(log, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString("utf8", 0, bytesRead).trim().split("\n").slice(-5).join("; ");
}

async function sizeOf(path: string): Promise<number> {
  await using file = await open(path, "r");
  return (await file.stat()).size;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve) => setTimeout(resolve, ms));
}
