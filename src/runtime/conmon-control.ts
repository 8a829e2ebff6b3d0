import { constants, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** Writes one line to conmon's control fifo in `directory`. False, and nothing happens, when conmon is gone. */
export async function sendToConmon(directory: string, line: string): Promise<boolean> {
  try {
    const fifo = await open(join(directory, "ctl"), constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      await fifo.write(line);
    } finally {
      await fifo.close();
    }
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!["ENOENT", "ENXIO", "EPIPE"].includes(code)) throw error;
    return false;
  }
}

/** Has conmon close its log file and make a new one at the same path. False when it is gone. */
export async function reopenLogs(directory: string): Promise<boolean> {
  return await sendToConmon(directory, "2 0 0\n");
}

/** Whether the conmon of `id` still lives, going by its pid file. */
export function conmonLives(pidFile: string, id: string): boolean {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(id);
  } catch {
    return false;
  }
}
