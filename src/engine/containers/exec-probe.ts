import { formatGoDuration } from "../../internal/go-duration.ts";
import type { ContainerHost } from "./host.ts";
import { execConfig } from "./exec-config.ts";
import type { ContainerRecord } from "./record.ts";

/** What a check that took too long reports, as Docker does. */
const timedOut = -1;

/**
 * Runs a command in the container for at most `timeout` ms and keeps the first `limit` bytes it printed. Never
 * throws: what cannot be run has failed.
 */
export async function runProbe(
  host: ContainerHost,
  record: ContainerRecord,
  command: string[],
  timeout: number,
  limit: number,
): Promise<{ exitCode: number; output: string }> {
  const deadline = AbortSignal.timeout(timeout);
  const printed = { text: "" };
  try {
    const task = host.live.of(record.id).task;
    if (task === undefined) return { exitCode: timedOut, output: "container is not running" };
    const config = await execConfig(host, record, { Cmd: command });
    await using exec = await task.exec(config, { signal: deadline });
    const output = collect(exec.output, printed, limit);
    const { exitCode } = await Promise.race([exec.wait(), rejectOn(deadline)]);
    await output;
    return { exitCode, output: printed.text };
  } catch (error) {
    const what = `Health check exceeded timeout (${formatGoDuration(timeout * 1e6)})`;
    const late = printed.text === "" ? what : `${what}: ${printed.text}`;
    return { exitCode: timedOut, output: deadline.aborted ? late.slice(0, limit) : String(error) };
  }
}

/** Into `printed`, so that what came is there when the rest does not. */
async function collect(
  chunks: AsyncIterable<{ data: Uint8Array }>,
  printed: { text: string },
  limit: number,
): Promise<void> {
  for await (const { data } of chunks) {
    if (printed.text.length < limit)
      printed.text = (printed.text + Buffer.from(data).toString("utf8")).slice(0, limit);
  }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    // The time may be over before the process is up.
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
