import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A program in the background. Disposing ends it by its process ID, and waits until it is gone. */
export interface Background extends AsyncDisposable {
  readonly pid: number;
}

/**
 * Starts `argv`, its output going to the file `log`, and resolves when `ready` says so. Throws with the log's end
 * when the program ends before, or is not ready within 20 s.
 */
export async function startBackground(
  argv: readonly string[],
  log: string,
  ready: () => boolean | Promise<boolean>,
): Promise<Background> {
  const [file = "", ...args] = argv;
  const fd = openSync(log, "a");
  const child = spawn(file, args, { stdio: ["ignore", fd, fd], detached: true });
  closeSync(fd);
  const ended = new AbortController();
  child.once("error", () => ended.abort());
  child.once("exit", () => ended.abort());
  const background = { pid: child.pid ?? 0, [Symbol.asyncDispose]: () => end(child) };
  for (
    const deadline = Date.now() + 20_000;
    Date.now() < deadline && !ended.signal.aborted;
    await sleep(50)
  ) {
    if (await ready()) return background;
  }
  await end(child);
  throw new Error(
    `"${file}" does not come up: ${readFileSync(log, "utf8").trim().split("\n").slice(-3).join("; ")}`,
  );
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await gone;
  clearTimeout(timer);
}
