import { randomBytes } from "node:crypto";
import { SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { ExecTask, OutputChunk, Task } from "../../runtime/runtime.ts";
import type { AttachStream, ExecService } from "../engine.ts";
import type { ExecCreate, ExecInspect } from "../types/container.ts";
import { execConfig } from "./exec-config.ts";
import { publishEvent, type ContainerHost } from "./host.ts";
import { isActive, type ContainerRecord } from "./record.ts";

interface Session {
  readonly id: string;
  readonly record: ContainerRecord;
  /** When the container was started that it belongs to: it ends with that run. */
  readonly run: string;
  readonly config: ExecCreate;
  task: ExecTask | undefined;
  started: boolean;
  exitCode: number | null;
}

/** How long an ended session can still be inspected. */
const memory = 5 * 60_000;

/** Processes run beside a container's own. Sessions live as long as this engine, as in Docker. */
export class ContainerExecs implements ExecService {
  readonly #host: ContainerHost;
  readonly #sessions = new Map<string, Session>();

  constructor(host: ContainerHost) {
    this.#host = host;
  }

  async create(container: string, config: ExecCreate): Promise<{ Id: string }> {
    const record = this.#host.store.get(container);
    assertRunning(record);
    this.#host.runtime.expectStart();
    if (config.Cmd.length === 0) throw new SlipwayError("invalid_argument", "No exec command specified");
    const id = randomBytes(32).toString("hex");
    const run = record.state.startedAt;
    this.#sessions.set(id, { id, record, run, config, task: undefined, started: false, exitCode: null });
    this.#host.live.of(record.id).execs.add(id);
    publishEvent(this.#host, record, `exec_create: ${config.Cmd.join(" ")}`, { execID: id });
    return { Id: id };
  }

  async start(
    id: string,
    o: CallOptions & { detach?: boolean; tty?: boolean; consoleSize?: [number, number] } = {},
  ): Promise<AttachStream> {
    const session = this.#get(id);
    if (session.started) throw new SlipwayError("conflict", `Error: Exec command ${id} has already run`);
    if (isOver(session)) throw noSuchExec(id);
    assertRunning(session.record);
    const task = this.#host.live.of(session.record.id).task;
    if (task === undefined) throw notRunning(session.record);
    session.started = true;
    const { config, exec } = await this.#launch(session, task, o).catch((error: unknown) =>
      this.#failed(session, error),
    );
    session.task = exec;
    publishEvent(this.#host, session.record, `exec_start: ${session.config.Cmd.join(" ")}`, { execID: id });
    const settled = this.#settle(session, exec);
    const size = o.consoleSize ?? session.config.ConsoleSize;
    if (size && config.terminal) await exec.resize(size[0], size[1]);
    return o.detach ? detachedStream(exec) : attachedStream(exec, session.config, settled);
  }

  async #launch(session: Session, task: Task, o: CallOptions & { detach?: boolean }) {
    const asked = await execConfig(this.#host, session.record, session.config);
    const config = { ...asked, detached: o.detach === true && !asked.terminal };
    return { config, exec: await task.exec(config, { signal: o.signal }) };
  }

  async resize(id: string, { h, w }: { h: number; w: number }): Promise<void> {
    const { task } = this.#get(id);
    if (task === undefined)
      throw new SlipwayError("conflict", `cannot resize a stopped container: exec ${id} does not run`);
    await task.resize(h, w);
  }

  async inspect(id: string): Promise<ExecInspect> {
    const { record, config, task, exitCode } = this.#get(id);
    const [entrypoint = "", ...args] = config.Cmd;
    return {
      ID: id,
      Running: task !== undefined && exitCode === null,
      ExitCode: exitCode,
      ProcessConfig: {
        tty: config.Tty === true,
        entrypoint,
        arguments: args,
        privileged: config.Privileged === true,
        ...(config.User ? { user: config.User } : {}),
      },
      OpenStdin: config.AttachStdin === true,
      OpenStderr: config.AttachStderr === true,
      OpenStdout: config.AttachStdout === true,
      CanRemove: false,
      ContainerID: record.id,
      DetachKeys: config.DetachKeys ?? "",
      Pid: task?.pid ?? 0,
    };
  }

  #get(id: string): Session {
    const session = this.#sessions.get(id);
    if (session === undefined) throw noSuchExec(id);
    return session;
  }

  /** Docker's codes for a process that could not be started: 126, and 127 when it does not exist. */
  #failed(session: Session, error: unknown): never {
    const message = error instanceof Error ? error.message : "";
    this.#end(session, /executable file not found|no such file/.test(message) ? 127 : 126);
    throw error;
  }

  async #settle(session: Session, exec: ExecTask): Promise<void> {
    const status = await exec.wait().catch(() => undefined);
    this.#end(session, status?.exitCode ?? 137);
    const code = { execID: session.id, exitCode: String(session.exitCode) };
    publishEvent(this.#host, session.record, "exec_die", code);
  }

  #end(session: Session, exitCode: number): void {
    session.exitCode = exitCode;
    this.#host.live.of(session.record.id).execs.delete(session.id);
    setTimeout(() => this.#sessions.delete(session.id), memory).unref();
  }
}

/** Whether the run of the container that it was made for has ended. */
function isOver({ record, run }: Session): boolean {
  return !isActive(record) || record.state.startedAt !== run;
}

function noSuchExec(id: string): SlipwayError {
  return new SlipwayError("not_found", `No such exec instance: ${id}`);
}

function assertRunning(record: ContainerRecord): void {
  if (record.state.status === "paused") {
    throw new SlipwayError("conflict", `Container ${record.id} is paused, unpause the container before exec`);
  }
  if (record.state.status !== "running") throw notRunning(record);
}

function notRunning(record: ContainerRecord): SlipwayError {
  return new SlipwayError("conflict", `container ${record.id} is not running`);
}

/**
 * The output ends when the exit code is known: who read it to the end may ask for the code at once. It also ends for who
 * detached, while the process goes on.
 */
function attachedStream(exec: ExecTask, config: ExecCreate, settled: Promise<void>): AttachStream {
  const wants = (chunk: OutputChunk) =>
    chunk.stream === "stdout" ? config.AttachStdout === true : config.AttachStderr === true;
  const left = Promise.withResolvers<void>();
  return {
    tty: config.Tty === true,
    output: selected(exec.output, wants, Promise.race([settled, left.promise])),
    write: (data) => exec.write(data),
    closeInput: () => exec.closeInput(),
    [Symbol.asyncDispose]: () => {
      left.resolve();
      return exec[Symbol.asyncDispose]();
    },
  };
}

/** Nobody looks: the output is read away, so that the process never waits for a full pipe. */
function detachedStream(exec: ExecTask): AttachStream {
  void drain(exec);
  const nothing = async () => {};
  return {
    tty: false,
    output: selected(emptyOutput(), () => false, Promise.resolve()),
    write: nothing,
    closeInput: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}

async function drain(exec: ExecTask): Promise<void> {
  try {
    await exec.closeInput();
    for await (const _chunk of exec.output);
  } catch {
    // The process ended with its streams cut: its exit code tells what there is to tell.
  }
}

async function* emptyOutput(): AsyncIterable<OutputChunk> {}

async function* selected(
  chunks: AsyncIterable<OutputChunk>,
  wants: (chunk: OutputChunk) => boolean,
  settled: Promise<void>,
): AsyncIterable<OutputChunk> {
  for await (const chunk of chunks) if (wants(chunk)) yield chunk;
  await settled;
}
