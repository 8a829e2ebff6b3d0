import type { TaskIo } from "../platform/worker-serve.ts";
import { readAt } from "../platform/fd.ts";

const CHUNK = 1 << 20;

/**
 * The bytes of the file opened as `fd` in the owner's thread, from its beginning, a fresh buffer each. On a worker; the
 * owner keeps the file open until the task is over. Throws `cancelled` when the task was aborted.
 */
export async function* readOpenFile(
  fd: number,
  io: Pick<TaskIo, "breathe">,
): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; ;) {
    const buffer = Buffer.allocUnsafeSlow(CHUNK);
    const count = readAt(fd, buffer, at);
    if (count === 0) return;
    at += count;
    await io.breathe();
    yield buffer.subarray(0, count);
  }
}
