import type { CallOptions, ByteStream } from "../oci/call-options.ts";
import type { LogKeeper, LogLimits } from "./log-keeper.ts";
import type { OciResources } from "./spec/oci-spec.ts";

/** How a process ended: `exitCode` is 128 + n when signal n ended it. */
export interface ExitStatus {
  readonly exitCode: number;
  readonly exitedAt: Date;
  readonly oomKilled: boolean;
}

/** How a container's standard streams are kept. */
export interface StdioConfig {
  /** Allocate a pseudo-terminal. */
  readonly terminal: boolean;
  /** Keep the process's standard input open for attaches. */
  readonly stdin: boolean;
  /** Close standard input when the first attach ends its input (Docker's StdinOnce). */
  readonly stdinOnce: boolean;
  /** Absolute path of the log file; undefined: nothing is kept (`--log-driver none`). */
  readonly logPath?: string | undefined;
  /** Undefined: the log grows without end. */
  readonly logLimits?: LogLimits | undefined;
  /** Output goes to the journal of systemd too, under this tag. */
  readonly journalTag?: string | undefined;
}

/** One chunk a container wrote. */
export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly data: Uint8Array;
}

/**
 * Both directions of a running process. Iterate `output` once: it ends when the process closed its streams. Dispose
 * leaves the process running (idempotent).
 */
export interface Attachment extends AsyncDisposable {
  readonly output: AsyncIterable<OutputChunk>;
  write(data: Uint8Array): Promise<void>;
  /** End of standard input. */
  closeInput(): Promise<void>;
}

export interface ExecConfig {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly terminal: boolean;
  readonly stdin: boolean;
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] };
  /** undefined: as the container's */
  readonly capabilities?: readonly string[] | undefined;
  readonly noNewPrivileges?: boolean | undefined;
  /** Nobody reads its output, which is dropped, or writes to it (`exec -d`). */
  readonly detached?: boolean | undefined;
}

/** A process started beside the container's own one. */
export interface ExecTask extends Attachment {
  readonly pid: number;
  resize(rows: number, columns: number): Promise<void>;
  wait(): Promise<ExitStatus>;
}

/**
 * One container as the OCI runtime knows it, supervised by conmon: it outlives this process, and `load()` finds it
 * again.
 */
export interface Task {
  readonly id: string;
  /** process ID on the host */
  readonly pid: number;
  /** Runs the user's process. Throws `invalid_argument` with the runtime's words when it cannot. */
  start(options?: CallOptions): Promise<void>;
  /** No error when the process is gone already. */
  kill(signal: number, options?: { all?: boolean }): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Changes the limits of the running container; what is absent stays. Throws `conflict` with the runtime's words. */
  update(limits: Omit<OciResources, "devices">): Promise<void>;
  attach(): Promise<Attachment>;
  resize(rows: number, columns: number): Promise<void>;
  exec(config: ExecConfig, options?: CallOptions): Promise<ExecTask>;
  /** Resolves when the process ended, also when it ended while no engine ran. May be called many times. */
  wait(options?: CallOptions): Promise<ExitStatus>;
  /** Removes what the runtime and conmon keep of an ended container. Idempotent. */
  delete(): Promise<void>;
}

/** `running` while the process lives; `created` before start; `stopped` after its end. */
export type TaskStatus = "created" | "running" | "paused" | "stopped";

/** A step that is run to its end under the caller's eyes, without conmon: a build's RUN. */
export interface ForegroundConfig {
  readonly id: string;
  readonly bundle: string;
  readonly stdin?: ByteStream | undefined;
  readonly onOutput: (chunk: OutputChunk) => void;
}

/** runc or crun, with conmon. */
export interface Runtime {
  /** `crun` or `runc` */
  readonly name: string;
  readonly path: string;
  /** Paths of the runtimes a container may ask for, by name. */
  readonly runtimes: Readonly<Record<string, string>>;
  /** The logs of all tasks. */
  readonly logs: LogKeeper;
  /** A task or a process in one will be started within a moment: the kernel is made ready for it. */
  expectStart(): void;
  /**
   * Creates the container of `bundle` (config.json, and a root that is mounted already). The process waits for
   * {@link Task.start}. `runtime`: one of {@link Runtime.runtimes}, else the engine's own. Throws what the runtime said; nothing is
   * left behind then.
   */
  create(
    id: string,
    bundle: string,
    stdio: StdioConfig,
    options?: CallOptions & { readonly runtime?: string | undefined },
  ): Promise<Task>;
  /** Finds a task of an earlier engine again. Throws `not_found` when nothing is known of it. */
  load(id: string, bundle: string, stdio: StdioConfig): Promise<Task>;
  status(id: string): Promise<TaskStatus>;
  /** The IDs of all tasks that were created, or whose creation began, and that were not deleted. */
  list(): Promise<string[]>;
  /** Whether {@link Runtime.list} has it. */
  has(id: string): boolean;
  /** Kills and removes a task whatever state it is in, also one whose creation was cut short. Idempotent. */
  remove(id: string, bundle: string): Promise<void>;
  /** Kills and removes what foreground runs of an engine that was killed left behind. For the start of an engine. */
  sweepForeground(): Promise<void>;
  /** Runs a bundle to its end; an aborted signal kills it. Nothing is left behind. */
  runForeground(config: ForegroundConfig, options?: CallOptions): Promise<ExitStatus>;
}
