import { join } from "node:path";
import { isCode } from "../errors.ts";
import { connectSeqpacket, type Seqpacket } from "../platform/seqpacket.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import type { LogKeeper } from "./log-keeper.ts";
import { logOutput } from "./log-output.ts";
import type { Attachment, OutputChunk } from "./runtime.ts";

/** conmon reads at most this much of a packet and drops the rest. */
const maxInput = 8192;
/** Each packet of conmon begins with a byte that names the stream: 2 or 3. */
const STDERR_TAG = 3;
/** How long a socket may still bring output after the process ended. */
const drainMs = 50;

export interface AttachTarget {
  /** Directory of conmon's `attach` socket. */
  readonly bundle: string;
  readonly logPath?: string | undefined;
  readonly logs: LogKeeper;
  /** Resolves when the process ended and conmon wrote all of its output. */
  readonly ended: Promise<unknown>;
  /** Output from the first byte on, not from now. */
  readonly fromStart?: boolean;
}

/**
 * Attaches to a process under conmon. Output comes from the log file: conmon drops what a slow client of its socket
 * does not take, but never a byte of the log, and inotify tells of new bytes in 0.2 ms. Only without a log is the
 * socket read. Input always goes through the socket, which is opened at the first use.
 */
export async function attachToConmon(target: AttachTarget): Promise<Attachment> {
  const socketPath = join(target.bundle, "attach");
  if (target.logPath === undefined) return await attachBySocket(socketPath, target.ended);
  const { logs, logPath, ended } = target;
  const stop = new AbortController();
  const end = await logs.end(logPath);
  const from = target.fromStart === true ? undefined : end;
  // Nothing of what comes may go before somebody reads it.
  const held = end && logs.follow(logPath, { inode: end.inode, onRotate: () => undefined });
  const letGo = () => held?.[Symbol.dispose]();
  const output = logOutput(logs, logPath, { from, ended, signal: stop.signal, onBegin: letGo });
  return new ConmonAttachment(output, new Input(() => connectSeqpacket(socketPath, {})), () => {
    stop.abort();
    letGo();
  });
}

async function attachBySocket(path: string, ended: Promise<unknown>): Promise<Attachment> {
  const queue = new ChunkQueue();
  const socket = await connectSeqpacket(path, {
    onPacket: (packet) =>
      queue.push({ stream: packet[0] === STDERR_TAG ? "stderr" : "stdout", data: packet.subarray(1) }),
    onClose: () => queue.close(),
  });
  queue.connect(socket);
  const closeSoon = () => void setTimeout(() => queue.close(), drainMs).unref();
  ended.then(closeSoon, closeSoon);
  return new ConmonAttachment(queue.output(), new Input(() => Promise.resolve(socket)), () =>
    queue.discard(),
  );
}

class Input implements AsyncDisposable {
  readonly #connect: () => Promise<Seqpacket>;
  #socket: Promise<Seqpacket | undefined> | undefined;
  #ended = false;

  constructor(connect: () => Promise<Seqpacket>) {
    this.#connect = connect;
  }

  async write(data: Uint8Array): Promise<void> {
    const socket = await this.#open();
    if (socket === undefined) return;
    for (let at = 0; at < data.length; at += maxInput) {
      if (!(await socket.send(data.subarray(at, at + maxInput)))) return;
    }
  }

  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    (await this.#open())?.end();
  }

  /** undefined when conmon is gone: input to an ended process goes nowhere. */
  #open(): Promise<Seqpacket | undefined> {
    this.#socket ??= this.#connect().catch((error) => {
      if (isCode(error, "unavailable")) return undefined;
      throw error;
    });
    return this.#socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    const socket = await this.#socket?.catch(() => undefined);
    await socket?.[Symbol.asyncDispose]();
  }
}

class ConmonAttachment implements Attachment {
  readonly output: AsyncGenerator<OutputChunk, void>;
  readonly #input: Input;
  readonly #stop: () => void;

  constructor(output: AsyncGenerator<OutputChunk, void>, input: Input, stop: () => void) {
    this.output = output;
    this.#input = input;
    this.#stop = stop;
  }

  write(data: Uint8Array): Promise<void> {
    return this.#input.write(data);
  }

  closeInput(): Promise<void> {
    return this.#input.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    // Also for a reader that stopped in the middle: the log file is closed.
    await this.output.return();
    await this.#input[Symbol.asyncDispose]();
  }
}
