import type { AttachStream } from "../engine/engine.ts";
import { DEFAULT_DETACH_KEYS, DetachWatch, parseDetachKeys } from "./detach-keys.ts";
import type { ByteDuplex, HttpReply, HttpRequest } from "./http/message.ts";
import { websocketReply } from "./http/websocket.ts";
import { frameChunk, streamType } from "./stream-frame.ts";

export interface BridgeOptions {
  /** Pass what the client sends to the process. */
  readonly stdin: boolean;
  readonly apiVersion: number;
  /** Default `ctrl-p,ctrl-q`. Terminals only. */
  readonly detachKeys?: string | undefined;
}

/**
 * The reply that joins a client and the streams of a process. It ends with the process's output, with the detach keys,
 * or when the client is gone. A client that ends its direction ends the process's standard input alone, and a
 * terminal's not even that. The streams are disposed. Throws `invalid_argument` for malformed keys.
 */
export function hijackReply(streams: AttachStream, options: BridgeOptions): HttpReply {
  const keys = parseDetachKeys(options.detachKeys ?? DEFAULT_DETACH_KEYS);
  return {
    kind: "hijack",
    contentType: streamType(streams.tty, options.apiVersion),
    run: (duplex) => bridge(streams, duplex, { stdin: options.stdin, keys, raw: streams.tty }),
  };
}

/** The same over a websocket, where output is never multiplexed: as in Docker it comes as it is, whatever its stream. */
export function websocketBridge(
  streams: AttachStream,
  request: Pick<HttpRequest, "headers">,
  options: Omit<BridgeOptions, "apiVersion">,
): HttpReply {
  const keys = parseDetachKeys(options.detachKeys ?? DEFAULT_DETACH_KEYS);
  return websocketReply(request, (duplex) =>
    bridge(streams, duplex, { stdin: options.stdin, keys, raw: true }),
  );
}

async function bridge(
  streams: AttachStream,
  duplex: ByteDuplex,
  { stdin, keys, raw }: { stdin: boolean; keys: Uint8Array; raw: boolean },
): Promise<void> {
  const detach = () => void Promise.resolve(streams[Symbol.asyncDispose]()).catch(() => {});
  duplex.signal.addEventListener("abort", detach, { once: true });
  try {
    if (duplex.signal.aborted) return;
    const input = stdin ? sendInput(streams, duplex, keys) : skipInput(duplex);
    void input.then((end) => end === "detached" && detach());
    for await (const chunk of streams.output) {
      if (chunk.data.length > 0) await duplex.write(frameChunk(chunk, raw));
    }
  } finally {
    duplex.signal.removeEventListener("abort", detach);
    await streams[Symbol.asyncDispose]();
  }
}

/** Runs beside the output; that it fails means the client or the process is gone, which the output shows too. */
async function sendInput(
  streams: AttachStream,
  duplex: ByteDuplex,
  keys: Uint8Array,
): Promise<"ended" | "detached"> {
  const watch = streams.tty ? new DetachWatch(keys) : undefined;
  try {
    for await (const chunk of duplex.input) {
      const { data, detached } = watch?.feed(chunk) ?? { data: chunk, detached: false };
      if (data.length > 0) await streams.write(data);
      if (detached) return "detached";
    }
    // A terminal stays open for the next client.
    if (!streams.tty) await streams.closeInput();
  } catch {
    // The process closed its input: what the client still sends is of no use to anybody.
  }
  return "ended";
}

/** Reads on, so that the client is not held up and its end is seen. */
async function skipInput(duplex: ByteDuplex): Promise<"ended"> {
  try {
    for await (const _chunk of duplex.input);
  } catch {
    // Gone: the signal tells.
  }
  return "ended";
}
