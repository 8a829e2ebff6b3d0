import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { SlipwayError } from "../errors.ts";
import type { Programs } from "./probe.ts";
import type { StdioConfig } from "./runtime.ts";

/** What conmon answered on its sync pipe: the process's ID, or the runtime's words why there is none. */
export type ConmonAnswer = { readonly pid: number } | { readonly error: string };

export interface ConmonStart {
  readonly id: string;
  /** conmon puts its `attach` socket and `ctl` fifo here. */
  readonly bundle: string;
  readonly stdio: StdioConfig;
  /** the runtime's `--root` */
  readonly runtimeRoot: string;
  readonly pidFile: string;
  readonly conmonPidFile: string;
  /** Gets a file named by the ID with the exit code, at the end. */
  readonly exitDirectory: string;
  /** Gets a file `oom` when memory ran out. */
  readonly persistDirectory: string;
  /** Arguments after the common ones. */
  readonly extra?: readonly string[];
}

const maxAnswer = 1 << 20;

/**
 * Starts conmon, which detaches itself, creates the container with the runtime and stays its parent. conmon's times
 * are UTC, so that log lines compare as text.
 */
export async function startConmon(programs: Programs, start: ConmonStart): Promise<ConmonAnswer> {
  const child = spawn(programs.conmon, conmonArgs(programs, start), {
    cwd: start.bundle,
    env: { PATH: programs.searchPath, TZ: "UTC0", _OCI_SYNCPIPE: "3" },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr?.on("data", (data: Buffer) => {
    if (stderr.length < maxAnswer) stderr += data.toString();
  });
  const failed = new Promise<never>((_resolve, reject) => {
    child.on("error", (cause) =>
      reject(new SlipwayError("unavailable", `Cannot run "${programs.conmon}": ${cause.message}`, { cause })),
    );
  });
  // The process that was started forks the conmon that stays, writes its pid file, and ends. On a busy machine that
  // is later than the answer, and a conmon without a pid file looks dead to those who wait for the end.
  const detached = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  const [line] = await Promise.race([Promise.all([firstLine(child.stdio[3] as Readable), detached]), failed]);
  const answer = parseAnswer(line, stderr);
  if ("pid" in answer) return answer;
  // With a terminal conmon loses the runtime's words.
  const said = await readFile(runtimeLog(start), "utf8").catch(() => "");
  return said.trim() === "" ? answer : { error: said };
}

function runtimeLog(start: ConmonStart): string {
  return join(start.persistDirectory, "runtime.log");
}

function conmonArgs(programs: Programs, start: ConmonStart): string[] {
  const { id, stdio } = start;
  const log = ["--log", runtimeLog(start), "--log-format", "json"];
  const own = [...programs.command, "--root", start.runtimeRoot, ...log];
  const [runtime = "", ...runtimeArgs] = [...programs.createWrapper, ...own];
  const args = ["--api-version", "1", "--cid", id, "--cuuid", id, "--name", id.slice(0, 12)];
  args.push("--runtime", runtime, ...runtimeArgs.map((arg) => `--runtime-arg=${arg}`));
  args.push("--bundle", start.bundle, "--full-attach");
  args.push("--container-pidfile", start.pidFile, "--conmon-pidfile", start.conmonPidFile);
  args.push("--exit-dir", start.exitDirectory, "--persist-dir", start.persistDirectory);
  args.push(...logArgs(stdio), "--no-sync-log");
  if (stdio.terminal) args.push("--terminal");
  if (stdio.stdin) args.push("--stdin");
  // A terminal stays for the next client, also after the first one left: `docker attach` after ctrl-p ctrl-q.
  if (stdio.stdin && (stdio.terminal || !stdio.stdinOnce)) args.push("--leave-stdin-open");
  return [...args, ...(start.extra ?? [])];
}

/**
 * Not conmon's own `--log-size-max`: it counts all that was ever written, also over rotations, and then drops the file
 * that is being written.
 */
function logArgs({ logPath, journalTag }: StdioConfig): string[] {
  if (logPath === undefined) return ["--log-path", "none:"];
  return [
    "--log-path",
    `k8s-file:${logPath}`,
    ...(journalTag === undefined ? [] : ["--log-path", "journald:", "--log-tag", journalTag]),
  ];
}

/**
 * The pipe stays open as long as conmon lives, so its end is not waited for. Of an exec that ended at once the exit
 * code follows in a second line, often in the same chunk.
 */
function firstLine(pipe: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    pipe.on("data", (data: Buffer) => {
      text += data.toString();
      const end = text.indexOf("\n");
      if (end < 0 && text.length < maxAnswer) return;
      resolve(end < 0 ? text : text.slice(0, end));
      pipe.destroy();
    });
    pipe.on("end", () => resolve(text));
    pipe.on("error", reject);
  });
}

function parseAnswer(line: string, stderr: string): ConmonAnswer {
  const answer = parseJson(line);
  if (answer === undefined) {
    return { error: stderr.trim() === "" ? "conmon ended without an answer" : stderr.trim() };
  }
  const pid = answer.data ?? answer.pid;
  if (typeof pid === "number" && pid > 0) return { pid };
  const message = typeof answer.message === "string" ? answer.message : "";
  return { error: message === "" ? stderr.trim() || "the runtime gave no reason" : message };
}

function parseJson(line: string): { data?: unknown; pid?: unknown; message?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
