import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { signalProcess } from "../platform/pidfd.ts";
import { attachToConmon } from "./attachment.ts";
import { conmonLives, sendToConmon } from "./conmon-control.ts";
import { startExec } from "./exec.ts";
import type { ExitWatch } from "./exit-watch.ts";
import { liftLimits, splitLimits } from "./lift-limits.ts";
import type { LogKeeper } from "./log-keeper.ts";
import type { Programs } from "./probe.ts";
import { descendantsOf, parentOf, processesOf, stateOf } from "./processes-of.ts";
import { removeCgroup } from "./remove-cgroup.ts";
import { type CommandResult, runCommand } from "../internal/run-command.ts";
import { plainWords, runtimeError } from "./runtime-error.ts";
import type { Attachment, ExecConfig, ExecTask, ExitStatus, StdioConfig, Task } from "./runtime.ts";
import type { OciLinux, OciProcess, OciResources } from "./spec/oci-spec.ts";
import type { TaskPaths } from "./task-paths.ts";

/** What all tasks of one runtime share. */
export interface TaskContext {
  readonly programs: Programs;
  readonly paths: TaskPaths;
  readonly exits: ExitWatch;
  readonly logs: LogKeeper;
  /** The capabilities this process can give (`CAP_…`). */
  readonly capabilities: readonly string[];
}

const SIGKILL = 9;
const SIGCONT = 18;
const SIGSTOP = 19;
const mostStops = 1000;
const mostRemovals = 100;
const gone =
  /not running|does not exist|no such process|No such file|process already finished|cannot find|is stopped/i;

/** A container under runc or crun and conmon. Keeps nothing of its own: all it knows is in files. */
export class OciTask implements Task {
  readonly id: string;
  readonly pid: number;
  readonly #context: TaskContext;
  readonly #bundle: string;
  readonly #stdio: StdioConfig;

  constructor(context: TaskContext, id: string, bundle: string, stdio: StdioConfig, pid: number) {
    this.#context = context;
    this.id = id;
    this.pid = pid;
    this.#bundle = bundle;
    this.#stdio = stdio;
  }

  async start(options?: CallOptions): Promise<void> {
    options?.signal?.throwIfAborted();
    const result = await this.#runtime("start", this.id);
    if (result.code === 0) return;
    throw runtimeError("create", this.#context.programs.name, result.stderr, commandOf(this.#bundle));
  }

  async kill(signal: number, options?: { all?: boolean }): Promise<void> {
    if (options?.all === true && this.#context.programs.rootless) {
      const conmon = this.#conmon();
      const all = conmon === undefined ? [] : descendantsOf(conmon);
      for (const pid of all) signalProcess(pid, signal, () => true);
      return;
    }
    if (options?.all === true) {
      await this.#idempotent("kill", "--all", this.id, String(signal));
      return;
    }
    let cgroups = "";
    const isMine = (text: string) => {
      cgroups = text;
      return this.#context.programs.rootless ? this.#isSupervised() : text.includes(this.id);
    };
    const sent = signalProcess(this.pid, signal, isMine);
    if (sent && signal === SIGKILL && isFrozen(cgroups)) await this.#idempotent("resume", this.id);
  }

  /** Without cgroups the container's process is known by its parent. */
  #isSupervised(): boolean {
    const conmon = this.#conmon();
    return conmon !== undefined && parentOf(this.pid) === conmon;
  }

  /** Its process ID; undefined when it is gone. */
  #conmon(): number | undefined {
    const file = this.#context.paths.conmonPidFile(this.id);
    return conmonLives(file, this.id) ? Number.parseInt(readFileSync(file, "utf8"), 10) : undefined;
  }

  async pause(): Promise<void> {
    if (this.#context.programs.rootless) return await this.#stopProcesses();
    await this.#mustDo("pause");
  }

  async resume(): Promise<void> {
    if (this.#context.programs.rootless) return this.#continueProcesses();
    await this.#mustDo("resume");
  }

  /** Without cgroups each process is stopped by itself, until no new one is found. */
  async #stopProcesses(): Promise<void> {
    for (let tries = 0; tries < mostStops; tries += 1) {
      const running = processesOf(this.pid).filter((pid) => !/[TZX]/.test(stateOf(pid)));
      if (tries === 0 && running.length === 0) throw this.#unstoppable();
      if (running.length === 0) return;
      for (const pid of running) signalProcess(pid, SIGSTOP, () => true);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    this.#continueProcesses();
    throw this.#unstoppable();
  }

  #continueProcesses(): void {
    for (const pid of processesOf(this.pid)) signalProcess(pid, SIGCONT, () => true);
  }

  #unstoppable(): SlipwayError {
    const what = `Cannot pause container ${this.id}: an engine without root cannot stop its processes`;
    return new SlipwayError("conflict", what);
  }

  async update(limits: Omit<OciResources, "devices">): Promise<void> {
    const file = join(this.#bundle, "update.json");
    const { set, lifted } = splitLimits(limits);
    await writeFile(file, JSON.stringify(set), { mode: 0o600 });
    try {
      const result = await this.#runtime("update", "--resources", file, this.id);
      if (result.code !== 0) throw this.#refused("update", result);
      await liftLimits(this.pid, lifted);
    } finally {
      await rm(file, { force: true });
    }
  }

  attach(): Promise<Attachment> {
    const { logs } = this.#context;
    return attachToConmon({ bundle: this.#bundle, logPath: this.#stdio.logPath, logs, ended: this.wait() });
  }

  async resize(rows: number, columns: number): Promise<void> {
    await sendToConmon(this.#bundle, `1 ${rows} ${columns}\n`);
  }

  exec(config: ExecConfig, options?: CallOptions): Promise<ExecTask> {
    return startExec(this.#context, this.id, this.#bundle, config, options);
  }

  wait(options?: CallOptions): Promise<ExitStatus> {
    const { paths, exits } = this.#context;
    return exits.wait(this.id, () => !conmonLives(paths.conmonPidFile(this.id), this.id), options);
  }

  async delete(): Promise<void> {
    await this.#idempotent("delete", "--force", this.id);
    if (this.#stdio.logPath !== undefined) this.#context.logs.release(this.#stdio.logPath);
    await removeCgroup(cgroupOf(this.#bundle));
    const { paths } = this.#context;
    const files = ["attach", "ctl", "winsz", "oom"].map((name) => join(this.#bundle, name));
    const all = [...files, paths.exitFile(this.id), paths.task(this.id)];
    await Promise.all(all.map((path) => removeAll(path)));
  }

  #runtime(...args: string[]): Promise<CommandResult> {
    const { programs, paths } = this.#context;
    return runCommand([...programs.command, "--root", paths.runtimeRoot, ...args], {
      env: { PATH: programs.searchPath },
    });
  }

  async #idempotent(...args: string[]): Promise<void> {
    const result = await this.#runtime(...args);
    if (result.code === 0 || gone.test(result.stderr)) return;
    throw this.#refused(args[0] ?? "", result);
  }

  async #mustDo(verb: "pause" | "resume"): Promise<void> {
    const result = await this.#runtime(verb, this.id);
    if (result.code !== 0) throw this.#refused(verb, result);
  }

  #refused(verb: string, result: CommandResult): SlipwayError {
    const { name } = this.#context.programs;
    return new SlipwayError(
      "conflict",
      `Cannot ${verb} container ${this.id}: ${name}: ${plainWords(result.stderr)}`,
    );
  }
}

/** A conmon that outlived its engine may still write there, which makes the directory's own removal fail. */
async function removeAll(path: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await rm(path, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY" || tries === mostRemovals) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A process frozen by cgroup v1 dies of SIGKILL only when it is thawed; v2 needs no help. */
function isFrozen(cgroups: string): boolean {
  const path = /^\d+:freezer:(.*)$/m.exec(cgroups)?.[1];
  if (path === undefined) return false;
  try {
    return !readFileSync(`/sys/fs/cgroup/freezer${path}/freezer.state`, "utf8").startsWith("THAWED");
  } catch {
    return false;
  }
}

/** The first word of what the bundle runs, for error messages. */
export function commandOf(bundle: string): string {
  return configOf(bundle)?.process?.args?.[0] ?? "";
}

/** The bundle's cgroup, below the root of each hierarchy; empty when it names none. */
export function cgroupOf(bundle: string): string {
  return configOf(bundle)?.linux?.cgroupsPath ?? "";
}

function configOf(bundle: string): { process?: Partial<OciProcess>; linux?: Partial<OciLinux> } | undefined {
  try {
    return JSON.parse(readFileSync(join(bundle, "config.json"), "utf8"));
  } catch {
    return undefined;
  }
}
