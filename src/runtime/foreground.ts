import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CallOptions } from "../oci/call-options.ts";
import { cgroupOf, commandOf } from "./oci-task.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { removeCgroup } from "./remove-cgroup.ts";
import { PipedProcess } from "./piped-process.ts";
import type { Programs } from "./probe.ts";
import { runCommand } from "../internal/run-command.ts";
import type { PreparedSeccomp } from "./seccomp-cache.ts";
import { runtimeError } from "./runtime-error.ts";
import type { ExitStatus, ForegroundConfig } from "./runtime.ts";

const killAgainMs = 25;
const patience = 4;
const pauseMs = 3;
const creationMs = 2000;

/**
 * `runtime run` with pipes of ours, to its end. `root` keeps one directory for each run, so that what a killed engine
 * left can be found. Throws {@link RuntimeError} when the process could not be started, and the signal's reason after
 * an abort, when all processes are gone. `oomKilled` is not known here.
 */
export async function runForeground(
  programs: Programs,
  root: string,
  config: ForegroundConfig,
  seccomp?: PreparedSeccomp,
  options?: CallOptions,
): Promise<ExitStatus> {
  const directory = join(root, config.id);
  await mkdir(directory, { recursive: true });
  if (options?.signal?.aborted === true) {
    // Nobody hears of an abort that came before the listener.
    await rm(directory, { recursive: true, force: true });
    options.signal.throwIfAborted();
  }
  const run = new Foreground(programs, directory, config, seccomp);
  const onAbort = () => run.kill();
  options?.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await run.toEnd(options?.signal);
  } finally {
    options?.signal?.removeEventListener("abort", onAbort);
    await run.remove();
  }
}

/** Kills and removes the runs that an engine which was killed left behind. */
export async function sweepForeground(programs: Programs, root: string): Promise<void> {
  for (const id of await readdir(root).catch(() => [])) {
    const directory = join(root, id);
    await deleteRun(programs, directory, id);
    await rm(directory, { recursive: true, force: true });
  }
}

class Foreground {
  readonly #programs: Programs;
  readonly #directory: string;
  readonly #config: ForegroundConfig;
  readonly #child: PipedProcess;
  readonly #seccomp: PreparedSeccomp | undefined;
  #ended = false;
  #clean = false;
  #learned = false;
  #inputError: unknown;
  #killing: Promise<void> | undefined;

  constructor(programs: Programs, directory: string, config: ForegroundConfig, seccomp?: PreparedSeccomp) {
    this.#programs = programs;
    this.#seccomp = seccomp;
    this.#directory = directory;
    this.#config = config;
    const own = [...programs.command, "--root", join(directory, "state")];
    const log = ["--log", join(directory, "log"), "--log-format", "json"];
    const args = ["run", "--bundle", config.bundle, "--pid-file", join(directory, "pid"), config.id];
    this.#child = new PipedProcess([...programs.createWrapper, ...own, ...log, ...args], {
      env: { PATH: programs.searchPath },
      stdin: config.stdin !== undefined,
      output: true,
    });
    const end = () => (this.#ended = true);
    this.#child.ended.then(end, end);
  }

  async toEnd(signal: AbortSignal | undefined): Promise<ExitStatus> {
    void this.#feed();
    for await (const chunk of this.#child.output) {
      this.#learn();
      if (signal?.aborted !== true) this.#config.onOutput(chunk);
    }
    const exitCode = await this.#child.ended;
    signal?.throwIfAborted();
    if (this.#inputError !== undefined) throw this.#inputError;
    const started = await readFile(join(this.#directory, "pid"), "utf8").catch(() => "");
    if (started === "") throw await this.#startError();
    this.#clean = true;
    return { exitCode, exitedAt: new Date(), oomKilled: false };
  }

  /** Kills the container until its runtime ended: it may have been about to make it. */
  kill(): void {
    this.#killing ??= this.#killUntilEnd();
  }

  async #killUntilEnd(): Promise<void> {
    // Deleted in the middle of its creation, a container would leave its cgroup.
    for (let waited = 0; !this.#ended && !this.#isCreated() && waited < creationMs; waited += pauseMs) {
      await sleep(pauseMs);
    }
    for (let attempt = 0; !this.#ended; attempt += 1) {
      await deleteRun(this.#programs, this.#directory, this.#config.id);
      // A runtime that waits for a process it lost is ended by force.
      if (attempt >= patience) this.#child.signal("SIGKILL");
      await sleep(killAgainMs);
    }
    // A runtime that ended in the middle may leave a half made process, which holds the pipes open.
    await removeCgroup(cgroupOf(this.#config.bundle));
    this.#child.discardOutput();
  }

  async remove(): Promise<void> {
    await this.#killing;
    if (!this.#clean) {
      await deleteRun(this.#programs, this.#directory, this.#config.id);
      await removeCgroup(cgroupOf(this.#config.bundle));
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Once the process wrote something, its seccomp program is there, as long as it lives. */
  #learn(): void {
    if (this.#learned) return;
    this.#learned = true;
    void this.#seccomp?.learn(join(this.#directory, "state", this.#config.id)).catch(() => undefined);
  }

  #isCreated(): boolean {
    return existsSync(join(this.#directory, "pid"));
  }

  async #feed(): Promise<void> {
    const { stdin } = this.#config;
    if (stdin === undefined) return;
    try {
      for await (const chunk of stdin) {
        if (this.#ended) break;
        await this.#child.write(chunk);
      }
    } catch (error) {
      this.#inputError = error;
      this.kill();
    } finally {
      this.#child.closeInput();
    }
  }

  async #startError(): Promise<Error> {
    const said = await readFile(join(this.#directory, "log"), "utf8").catch(() => "");
    return runtimeError("create", this.#programs.name, said, commandOf(this.#config.bundle));
  }
}

/** An error is no matter: most often the container is not there. */
async function deleteRun(programs: Programs, directory: string, id: string): Promise<void> {
  const command = [...programs.command, "--root", join(directory, "state"), "delete", "--force", id];
  await runCommand(command, { env: { PATH: programs.searchPath } });
}
