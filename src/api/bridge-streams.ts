import type { AttachStream } from "../engine/engine.ts";
import type { ByteDuplex, HttpReply } from "./http/message.ts";
import { frameChunk, streamType } from "./stream-frame.ts";

/**
 * The reply that joins a client and the streams of a process. It ends with the process's output, or when the client
 * is gone; a client that ends its direction ends the process's standard input alone. The streams are disposed.
 */
export function hijackReply(
  streams: AttachStream,
  options: { stdin: boolean; apiVersion: number },
): HttpReply {
  return {
    kind: "hijack",
    contentType: streamType(streams.tty, options.apiVersion),
    run: (duplex) => bridge(streams, duplex, options.stdin),
  };
}

async function bridge(streams: AttachStream, duplex: ByteDuplex, stdin: boolean): Promise<void> {
  const detach = () => void Promise.resolve(streams[Symbol.asyncDispose]()).catch(() => {});
  duplex.signal.addEventListener("abort", detach, { once: true });
  try {
    if (duplex.signal.aborted) return;
    void sendInput(streams, duplex, stdin);
    for await (const chunk of streams.output) {
      if (chunk.data.length > 0) await duplex.write(frameChunk(chunk, streams.tty));
    }
  } finally {
    duplex.signal.removeEventListener("abort", detach);
    await streams[Symbol.asyncDispose]();
  }
}

/** Runs beside the output; that it fails means the client or the process is gone, which the output shows too. */
async function sendInput(streams: AttachStream, duplex: ByteDuplex, stdin: boolean): Promise<void> {
  try {
    for await (const chunk of duplex.input) if (stdin) await streams.write(chunk);
    if (stdin) await streams.closeInput();
  } catch {
    // The process closed its input: what the client still sends is of no use to anybody.
  }
}
