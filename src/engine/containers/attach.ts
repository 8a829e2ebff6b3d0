import { errorMessage, isCode, SlipwayError } from "../../errors.ts";
import type { Attachment, OutputChunk, Task } from "../../runtime/runtime.ts";
import type { AttachOptions, AttachStream } from "../engine.ts";
import { publishEvent, type ContainerHost } from "./host.ts";
import { readLog } from "./logs.ts";
import { isActive, type ContainerRecord } from "./record.ts";

/**
 * Joins a container's streams. One that does not run yet is joined when it starts: its output waits until then, and
 * nothing of it is missed. Throws `conflict` when it is paused.
 */
export async function attachContainer(
  host: ContainerHost,
  record: ContainerRecord,
  options: AttachOptions,
  signal?: AbortSignal,
): Promise<AttachStream> {
  if (record.state.status === "paused") {
    throw new SlipwayError(
      "conflict",
      `container ${record.id} is paused, unpause the container before attach`,
    );
  }
  publishEvent(host, record, "attach");
  const past = options.logs ? await readLog(host, record, { stdout: true, stderr: true }, signal) : undefined;
  const session = options.stream === false ? undefined : await join(host, record);
  const wants = (chunk: OutputChunk) =>
    chunk.stream === "stdout" ? options.stdout !== false : options.stderr !== false;
  return {
    tty: record.config.Tty === true,
    output: select(past, session?.attached, wants, signal),
    write: async (data) => await (await session?.attached)?.write(data),
    closeInput: async () => await (await session?.attached)?.closeInput(),
    [Symbol.asyncDispose]: async () => await session?.leave(),
  };
}

interface Session {
  /** Undefined when it was left before the start. */
  readonly attached: Promise<Attachment | undefined>;
  leave(): Promise<void>;
}

/** Joined at once when it runs, otherwise at its start. */
async function join(host: ContainerHost, record: ContainerRecord): Promise<Session> {
  const live = host.live.of(record.id);
  if (isActive(record) && live.task !== undefined) {
    const attachment = await live.task.attach();
    return {
      attached: Promise.resolve(attachment),
      leave: async () => await attachment[Symbol.asyncDispose](),
    };
  }
  const { promise, resolve } = Promise.withResolvers<Attachment | undefined>();
  let left = false;
  const onStart = async (task: Task | undefined) => {
    if (!left) resolve(await task?.attach());
  };
  live.attachOnStart.add(onStart);
  const leave = async () => {
    left = true;
    live.attachOnStart.delete(onStart);
    resolve(undefined);
    await (await promise)?.[Symbol.asyncDispose]();
  };
  return { attached: promise, leave };
}

async function* select(
  past: AsyncIterable<OutputChunk> | undefined,
  attached: Promise<Attachment | undefined> | undefined,
  wants: (chunk: OutputChunk) => boolean,
  signal: AbortSignal | undefined,
): AsyncIterable<OutputChunk> {
  if (past !== undefined) yield* filtered(past, wants);
  const attachment = await untilAborted(attached, signal);
  if (attachment === undefined) return;
  try {
    yield* filtered(attachment.output, wants);
  } catch (error) {
    if (!isCode(error, "data_loss")) throw error;
    // No status can be sent any more: the words go where a person looks.
    yield { stream: "stderr", data: Buffer.from(`\nslipway: ${errorMessage(error)}\n`) };
    throw error;
  }
}

async function* filtered(
  chunks: AsyncIterable<OutputChunk>,
  wants: (chunk: OutputChunk) => boolean,
): AsyncIterable<OutputChunk> {
  for await (const chunk of chunks) if (wants(chunk)) yield chunk;
}

async function untilAborted<T>(
  promise: Promise<T> | undefined,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (promise === undefined || signal === undefined) return await promise;
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  return await Promise.race([promise, aborted]);
}
