import type { AttachStream } from "../engine/engine.ts";
import type { HijackedConnection } from "./hijack.ts";
import { outputChunks } from "./stream-frames.ts";

/** Whether output with this content type is a terminal's, and so without frames. */
export function isRawStream(contentType: string | null): boolean {
  return contentType !== "application/vnd.docker.multiplexed-stream";
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
