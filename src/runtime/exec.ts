import { randomBytes } from "node:crypto";
import { type FSWatcher, watch } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { startTerminalExec } from "./exec-terminal.ts";
import type { TaskContext } from "./oci-task.ts";
import { PipedProcess } from "./piped-process.ts";
import { RuntimeError, runtimeError } from "./runtime-error.ts";
import type { ExecConfig, ExecTask, ExitStatus, OutputChunk } from "./runtime.ts";
import { execProcess } from "./spec/exec-process.ts";

/** One exec being started: its files are in a directory of its own, removed when it ended. */
export interface ExecStart {
  readonly context: TaskContext;
  readonly id: string;
  readonly directory: string;
  readonly processPath: string;
  readonly config: ExecConfig;
}

/**
 * Starts a process beside the one of container `id`. Without a terminal its streams are pipes of ours, so a slow
 * reader slows the process; a terminal is held by a conmon of its own. Throws {@link RuntimeError}.
 */
export async function startExec(
  context: TaskContext,
  id: string,
  bundle: string,
  config: ExecConfig,
  options?: CallOptions,
): Promise<ExecTask> {
  options?.signal?.throwIfAborted();
  const directory = join(context.paths.task(id), `exec-${randomBytes(6).toString("hex")}`);
  try {
    const spec = JSON.parse(await readFile(join(bundle, "config.json"), "utf8"));
    // Not its parent: a task that is deleted meanwhile stays deleted.
    await mkdir(directory);
    await mkdir(join(directory, "exits"));
    const processPath = join(directory, "process.json");
    await writeFile(processPath, JSON.stringify(execProcess(spec, config, context.capabilities)));
    const start = { context, id, directory, processPath, config };
    return await (config.terminal ? startTerminalExec(start) : startPipedExec(start));
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw notRunning(error, id);
  }
}

/** The container ended before, or while, the process was started in it. */
function notRunning(error: unknown, id: string): unknown {
  const ended = error instanceof RuntimeError && /is not running|stopped container/.test(error.message);
  if (!ended && (error as NodeJS.ErrnoException).code !== "ENOENT") return error;
  return new SlipwayError("conflict", `container ${id} is not running`, { cause: error });
}

async function startPipedExec(start: ExecStart): Promise<ExecTask> {
  const { context, directory, config } = start;
  const { programs, paths } = context;
  const pidFile = join(directory, "pid");
  const log = join(directory, "log");
  const own = [...programs.command, "--root", paths.runtimeRoot, "--log", log, "--log-format", "json"];
  const args = ["exec", "--pid-file", pidFile, "--process", start.processPath, start.id];
  const child = new PipedProcess([...own, ...args], {
    env: { PATH: programs.searchPath },
    stdin: config.stdin,
    output: config.detached !== true,
  });
  const pid = await pidOf(directory, pidFile, child.ended);
  if (pid === undefined) {
    const said = await readFile(log, "utf8").catch(() => "");
    throw runtimeError("exec", programs.name, said, config.args[0] ?? "");
  }
  return new PipedExec(pid, child, directory);
}

/** The process ID once the runtime wrote it; undefined when it ended without. */
async function pidOf(directory: string, path: string, ended: Promise<number>): Promise<number | undefined> {
  const read = async () => Number.parseInt(await readFile(path, "utf8").catch(() => ""), 10) || undefined;
  let watcher: FSWatcher | undefined;
  try {
    return await new Promise<number | undefined>((resolve, reject) => {
      const look = () => void read().then((pid) => pid !== undefined && resolve(pid), reject);
      watcher = watch(directory, look).on("error", look);
      ended.then(() => read().then(resolve, reject), reject);
      look();
    });
  } finally {
    watcher?.close();
  }
}

class PipedExec implements ExecTask {
  readonly pid: number;
  readonly output: AsyncIterable<OutputChunk>;
  readonly #child: PipedProcess;
  readonly #status: Promise<ExitStatus>;

  constructor(pid: number, child: PipedProcess, directory: string) {
    this.pid = pid;
    this.output = child.output;
    this.#child = child;
    this.#status = child.ended.then(async (exitCode) => {
      const status = { exitCode, exitedAt: new Date(), oomKilled: false };
      await rm(directory, { recursive: true, force: true });
      return status;
    });
  }

  write(data: Uint8Array): Promise<void> {
    return this.#child.write(data);
  }

  async closeInput(): Promise<void> {
    this.#child.closeInput();
  }

  /** Without a terminal there is nothing to resize. */
  async resize(): Promise<void> {}

  wait(): Promise<ExitStatus> {
    return this.#status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.discardOutput();
  }
}
