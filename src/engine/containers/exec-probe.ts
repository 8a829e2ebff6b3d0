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
  try {
    const task = host.live.of(record.id).task;
    if (task === undefined) return { exitCode: timedOut, output: "container is not running" };
    const config = await execConfig(host, record, { Cmd: command });
    await using exec = await task.exec(config, { signal: deadline });
    const output = collect(exec.output, limit);
    const { exitCode } = await Promise.race([exec.wait(), rejectOn(deadline)]);
    return { exitCode, output: await output };
  } catch (error) {
    const late = `Health check exceeded timeout (${timeout / 1000}s)`;
    return { exitCode: timedOut, output: deadline.aborted ? late : String(error) };
  }
}

async function collect(chunks: AsyncIterable<{ data: Uint8Array }>, limit: number): Promise<string> {
  let text = "";
  for await (const { data } of chunks) if (text.length < limit) text += Buffer.from(data).toString("utf8");
  return text.slice(0, limit);
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    // The time may be over before the process is up.
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
