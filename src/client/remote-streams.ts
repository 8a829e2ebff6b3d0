import type { AttachStream } from "../engine/engine.ts";
import type { HijackedConnection } from "./hijack.ts";
import type { WireResponse } from "../platform/unix-fetch.ts";
import { outputChunks } from "./stream-frames.ts";

const framed = "application/vnd.docker.multiplexed-stream";

/** Headers of a request whose answer {@link remoteOutput} reads. As in a hijack, ours is told plainly of failures. */
export const acceptFrames = { Accept: framed, "Slipway-Client": "1" };

/** Whether output with this content type is a terminal's, and so without frames. */
export function isRawStream(contentType: string | null): boolean {
  return contentType !== framed;
}

/** A hijacked connection as the streams of a process. */
export function remoteAttachment(connection: HijackedConnection): AttachStream {
  const tty = isRawStream(connection.contentType);
  return {
    tty,
    output: outputChunks(connection.input, tty),
    write: (data) => connection.write(data),
    closeInput: () => connection.closeWrite(),
    [Symbol.asyncDispose]: async () => await connection[Symbol.asyncDispose](),
  };
}

/**
 * An answer that is the output of a process which takes no input: an ordinary request carries it, and no module for
 * sockets is loaded.
 */
export function remoteOutput(response: WireResponse): AttachStream {
  const tty = isRawStream(response.headers.get("content-type"));
  return {
    ...detachedStreams(tty),
    output: outputChunks(response.body, tty),
    [Symbol.asyncDispose]: async () => response.cancel(),
  };
}

/** The streams of a process nobody attached to: nothing comes, nothing is taken. */
export function detachedStreams(tty: boolean): AttachStream {
  return {
    tty,
    output: (async function* () {})(),
    write: async () => {},
    closeInput: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
