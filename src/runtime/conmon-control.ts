import { constants, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** Writes one line to conmon's control fifo in `directory`. Nothing happens when conmon is gone. */
export async function sendToConmon(directory: string, line: string): Promise<void> {
  try {
    const fifo = await open(join(directory, "ctl"), constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      await fifo.write(line);
    } finally {
      await fifo.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!["ENOENT", "ENXIO", "EPIPE"].includes(code)) throw error;
  }
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
