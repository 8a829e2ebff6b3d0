import { constants, existsSync } from "node:fs";
import { access, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { CgroupMoves } from "./cgroup-moves.ts";
import { startConmon } from "./conmon.ts";
import { conmonLives, reopenLogs } from "./conmon-control.ts";
import { ExitWatch } from "./exit-watch.ts";
import { runForeground, sweepForeground } from "./foreground.ts";
import { LogKeeper } from "./log-keeper.ts";
import { commandOf, OciTask, type TaskContext } from "./oci-task.ts";
import { stateOf } from "./processes-of.ts";
import { type Programs, probePrograms, probeRuntimes } from "./probe.ts";
import { runCommand } from "../internal/run-command.ts";
import { plainWords, runtimeError } from "./runtime-error.ts";
import type { ExitStatus, ForegroundConfig, Runtime, StdioConfig, Task, TaskStatus } from "./runtime.ts";
import { sealRuntime } from "./sealed-runtime.ts";
import { type PreparedSeccomp, SeccompCache } from "./seccomp-cache.ts";
import { ownCapabilities } from "./spec/host-facts.ts";
import { withExactNumbers } from "./spec/serialize-spec.ts";
import { TaskPaths } from "./task-paths.ts";

/** What Docker calls its own runtime in the API; here as well the engine's own. */
export const defaultRuntime = "io.containerd.runc.v2";
const removeTries = 200;
const removeAgainMs = 10;

export interface OciRuntimeOptions {
  /** Absolute. Everything kept here may be lost at a reboot, and nothing else writes here. */
  readonly runDir: string;
  /** `crun`, `runc` or a path (`--runtime`). Default: crun, else runc. */
  readonly runtime?: string | undefined;
  /** In a user namespace, without cgroups. Default: false. */
  readonly rootless?: boolean;
  /** $PATH: where the programs are looked for. */
  readonly searchPath: string;
}

/**
 * Finds runtime and conmon and makes the directories. Throws `unavailable` (a program is missing: which, and what to
 * install) or `forbidden` (no root).
 */
export async function openRuntime(options: OciRuntimeOptions): Promise<OciRuntime> {
  if (process.getuid?.() !== 0) {
    throw new SlipwayError("forbidden", "Cannot run containers: the engine must run as root (use sudo)");
  }
  const found = probePrograms(options);
  const [, ...others] = probeRuntimes(found);
  const sealed = sealRuntime(found);
  const programs = sealed?.programs ?? found;
  const paths = new TaskPaths(options.runDir);
  await Promise.all(paths.shared().map((path) => mkdir(path, { recursive: true, mode: 0o711 })));
  const context = {
    programs,
    paths,
    exits: new ExitWatch(paths),
    logs: new LogKeeper(),
    capabilities: ownCapabilities(),
  };
  return new OciRuntime(context, others, sealed);
}

/** runc or crun under conmon. Dispose it when nothing will be started any more; what runs goes on. */
export class OciRuntime implements Runtime, Disposable {
  readonly name: string;
  readonly path: string;
  readonly programs: Programs;
  readonly runtimes: Readonly<Record<string, string>>;
  readonly logs: LogKeeper;
  readonly #context: TaskContext;
  readonly #all: readonly Programs[];
  readonly #seccomp: SeccompCache;
  readonly #moves = new CgroupMoves();
  readonly #sealed: Disposable | undefined;

  /** `others`: runtimes besides the context's own. `sealed`: what the context's own runs from, disposed with this. */
  constructor(context: TaskContext, others: readonly Programs[], sealed?: Disposable) {
    this.#sealed = sealed;
    this.#context = context;
    this.#all = [context.programs, ...others];
    this.runtimes = Object.fromEntries(this.#all.map(({ name, path }) => [name, path]));
    this.#seccomp = new SeccompCache(context.paths.seccomp);
    this.programs = context.programs;
    this.logs = context.logs;
    this.name = context.programs.name;
    this.path = context.programs.path;
  }

  expectStart(): void {
    if (!this.programs.rootless) this.#moves.expect();
  }

  [Symbol.dispose](): void {
    this.#sealed?.[Symbol.dispose]();
  }

  async create(
    id: string,
    bundle: string,
    stdio: StdioConfig,
    options?: CallOptions & { readonly runtime?: string | undefined },
  ): Promise<Task> {
    options?.signal?.throwIfAborted();
    const context = { ...this.#context, programs: this.#runtimeOf(options?.runtime) };
    const { programs, paths } = context;
    await mkdir(paths.task(id), { recursive: true, mode: 0o711 });
    await rm(paths.exitFile(id), { force: true });
    await writeFile(paths.runtimeFile(id), programs.path);
    const seccomp = await this.#prepare(bundle, programs);
    const answer = await startConmon(programs, {
      id,
      bundle,
      stdio,
      runtimeRoot: paths.runtimeRoot,
      pidFile: paths.pidFile(id),
      conmonPidFile: paths.conmonPidFile(id),
      exitDirectory: paths.directory,
      persistDirectory: paths.task(id),
    });
    const task = new OciTask(context, id, bundle, stdio, "pid" in answer ? answer.pid : 0);
    if ("error" in answer) {
      await task.delete();
      throw runtimeError("create", programs.name, answer.error, commandOf(bundle));
    }
    this.#keepLog(bundle, stdio);
    await seccomp?.learn(join(paths.runtimeRoot, id));
    if (options?.signal?.aborted === true) {
      await task.delete();
      throw options.signal.reason;
    }
    return task;
  }

  /** Makes the bundle fit for the runtime, whoever wrote it. */
  async #prepare(bundle: string, { name }: Programs): Promise<PreparedSeccomp | undefined> {
    const path = join(bundle, "config.json");
    const text = await readFile(path, "utf8");
    const exact = withExactNumbers(text);
    if (exact !== text) await writeFile(path, exact);
    return name === "crun" ? await this.#seccomp.prepare(bundle) : undefined;
  }

  async load(id: string, bundle: string, stdio: StdioConfig): Promise<Task> {
    const pid = await this.#pidOf(id);
    if (Number.isNaN(pid)) throw new SlipwayError("not_found", `No such task: ${id}`);
    this.#keepLog(bundle, stdio);
    return new OciTask(await this.#contextOf(id), id, bundle, stdio, pid);
  }

  /** By name or path. Throws `invalid_argument` when the host has it no more. */
  #runtimeOf(asked: string | undefined): Programs {
    if (!asked || asked === defaultRuntime) return this.#context.programs;
    const found = this.#all.find(({ name, path }) => asked === name || asked === path);
    if (found !== undefined) return found;
    throw new SlipwayError("invalid_argument", `unknown or invalid runtime name: ${asked}`);
  }

  /** A container may have asked for another runtime, which alone knows it, or the engine before this one had another. */
  async #contextOf(id: string): Promise<TaskContext> {
    const { programs, paths } = this.#context;
    const runtime = await readFile(paths.runtimeFile(id), "utf8").catch(() => programs.path);
    if (runtime === programs.path) return this.#context;
    const other = this.#all.find(({ path }) => path === runtime);
    if (other !== undefined) return { ...this.#context, programs: other };
    const { searchPath, cgroupMode, rootless } = programs;
    return { ...this.#context, programs: probePrograms({ runtime, searchPath, cgroupMode, rootless }) };
  }

  #keepLog(bundle: string, { logPath: path, logLimits }: StdioConfig): void {
    if (path === undefined || logLimits === undefined) return;
    this.logs.keep({ path, ...logLimits, reopen: () => reopenLogs(bundle) });
  }

  async status(id: string): Promise<TaskStatus> {
    const { programs, paths, exits } = await this.#contextOf(id);
    if ((await exits.look(id)) !== undefined) return "stopped";
    const command = [...programs.command, "--root", paths.runtimeRoot, "state", id];
    const result = await runCommand(command, { env: { PATH: programs.searchPath } });
    if (result.code !== 0) {
      const known = await access(paths.pidFile(id), constants.F_OK).then(
        () => true,
        () => false,
      );
      if (known) return "stopped";
      throw new SlipwayError("not_found", `No such task: ${id}: ${plainWords(result.stderr)}`);
    }
    const status = statusOf(result.stdout);
    const isStopped = programs.rootless && status === "running" && stateOf(await this.#pidOf(id)) === "T";
    return isStopped ? "paused" : status;
  }

  /** NaN when nothing is known of it. */
  async #pidOf(id: string): Promise<number> {
    return Number.parseInt(await readFile(this.#context.paths.pidFile(id), "utf8").catch(() => ""), 10);
  }

  async remove(id: string, bundle: string): Promise<void> {
    const context = await this.#contextOf(id);
    const { programs, paths } = context;
    const command = [...programs.command, "--root", paths.runtimeRoot, "delete", "--force", id];
    // A conmon that outlived its engine may be about to make the container; it ends with it.
    for (let tries = 0; this.isSupervised(id) && tries < removeTries; tries += 1) {
      await runCommand(command, { env: { PATH: programs.searchPath } });
      await new Promise((resolve) => setTimeout(resolve, removeAgainMs));
    }
    const stdio = { terminal: false, stdin: false, stdinOnce: false };
    await new OciTask(context, id, bundle, stdio, 0).delete();
  }

  has(id: string): boolean {
    return existsSync(this.#context.paths.task(id));
  }

  async list(): Promise<string[]> {
    return await readdir(this.#context.paths.tasks);
  }

  /** Whether somebody watches over the task: false after conmon was killed. */
  isSupervised(id: string): boolean {
    return conmonLives(this.#context.paths.conmonPidFile(id), id);
  }

  async runForeground(config: ForegroundConfig, options?: CallOptions): Promise<ExitStatus> {
    const { programs, paths } = this.#context;
    const seccomp = await this.#prepare(config.bundle, programs);
    return await runForeground(programs, paths.foregroundRoot, config, seccomp, options);
  }

  sweepForeground(): Promise<void> {
    const { programs, paths } = this.#context;
    return sweepForeground(programs, paths.foregroundRoot);
  }
}

function statusOf(state: string): TaskStatus {
  const { status } = JSON.parse(state) as { status?: unknown };
  if (status === "creating") return "created";
  if (status === "created" || status === "running" || status === "paused" || status === "stopped")
    return status;
  throw new SlipwayError("internal", `The runtime gave the unknown state "${String(status)}"`);
}
