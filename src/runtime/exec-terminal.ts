import { rm } from "node:fs/promises";
import { join } from "node:path";
import { attachToConmon } from "./attachment.ts";
import { conmonLives, reopenLogs, sendToConmon } from "./conmon-control.ts";
import { startConmon } from "./conmon.ts";
import type { ExecStart } from "./exec.ts";
import { ExitWatch } from "./exit-watch.ts";
import type { LogKeeper } from "./log-keeper.ts";
import { runtimeError } from "./runtime-error.ts";
import type { Attachment, ExecTask, ExitStatus, OutputChunk } from "./runtime.ts";

/** Starts an exec whose terminal a conmon of its own holds; the log is the buffer of what nobody read yet. */
export async function startTerminalExec(start: ExecStart): Promise<ExecTask> {
  const { context, id, directory, config } = start;
  const logPath = config.detached === true ? undefined : join(directory, "log");
  const conmonPidFile = join(directory, "conmon.pid");
  const answer = await startConmon(context.programs, {
    id,
    bundle: directory,
    stdio: { terminal: true, stdin: config.stdin, stdinOnce: true, logPath },
    runtimeRoot: context.paths.runtimeRoot,
    pidFile: join(directory, "pid"),
    conmonPidFile,
    exitDirectory: join(directory, "exits"),
    persistDirectory: directory,
    extra: ["--exec", "--exec-process-spec", start.processPath],
  });
  if ("error" in answer) {
    throw runtimeError("exec", context.programs.name, answer.error, config.args[0] ?? "");
  }
  const ended = exitOf(directory, id, conmonPidFile);
  const attachment =
    logPath === undefined ? undefined : await attach(context.logs, directory, logPath, ended);
  if (logPath !== undefined) keepWhatIsUnread(context.logs, directory, logPath, ended);
  return new TerminalExec(answer.pid, directory, attachment, ended);
}

function exitOf(directory: string, id: string, conmonPidFile: string): Promise<ExitStatus> {
  const exits = join(directory, "exits");
  const places = { directory: exits, exitFile: () => join(exits, id), oomFile: () => join(directory, "oom") };
  return new ExitWatch(places).wait(id, () => !conmonLives(conmonPidFile, id));
}

function attach(
  logs: LogKeeper,
  directory: string,
  logPath: string,
  ended: Promise<unknown>,
): Promise<Attachment> {
  return attachToConmon({ bundle: directory, logPath, logs, ended, fromStart: true });
}

const unread = { maxSize: 4 * 1024 * 1024, maxFiles: 1 };

/** The log is a buffer: what its one reader has read goes. */
function keepWhatIsUnread(logs: LogKeeper, directory: string, path: string, ended: Promise<unknown>): void {
  logs.keep({ path, ...unread, reopen: () => reopenLogs(directory) });
  const release = () => logs.release(path);
  ended.then(release, release);
}

async function* nothing(): AsyncGenerator<OutputChunk, void> {}

/** Without an attachment it is detached: output is dropped and input goes nowhere. */
class TerminalExec implements ExecTask {
  readonly pid: number;
  readonly output: AsyncIterable<OutputChunk>;
  readonly #directory: string;
  readonly #attachment: Attachment | undefined;
  readonly #ended: Promise<ExitStatus>;

  constructor(
    pid: number,
    directory: string,
    attachment: Attachment | undefined,
    ended: Promise<ExitStatus>,
  ) {
    this.pid = pid;
    this.output = attachment?.output ?? nothing();
    this.#directory = directory;
    this.#attachment = attachment;
    this.#ended = ended;
  }

  async write(data: Uint8Array): Promise<void> {
    await this.#attachment?.write(data);
  }

  async closeInput(): Promise<void> {
    await this.#attachment?.closeInput();
  }

  async resize(rows: number, columns: number): Promise<void> {
    await sendToConmon(this.#directory, `1 ${rows} ${columns}\n`);
  }

  wait(): Promise<ExitStatus> {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#attachment?.[Symbol.asyncDispose]();
    const remove = () => rm(this.#directory, { recursive: true, force: true });
    void this.#ended.then(remove, remove);
  }
}
