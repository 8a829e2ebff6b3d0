import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";
import type { OutputChunk } from "../runtime/runtime.ts";

const headerLength = 8;
const noBytes = Buffer.alloc(0);

/**
 * Output of a container off the wire (Engine API, "Attach to a container", stream format): raw bytes of a terminal
 * are all stdout; otherwise frames with an 8-byte header, handed on as they come in, so a large frame is never held
 * whole. Throws `internal` for broken framing and `data_loss` for an end within a frame.
 */
export async function* outputChunks(body: ByteStream, tty: boolean): AsyncGenerator<OutputChunk> {
  if (tty) {
    for await (const data of body) yield { stream: "stdout", data };
    return;
  }
  let header: Buffer = noBytes;
  let [stream, left]: [OutputChunk["stream"], number] = ["stdout", 0];
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length;) {
      if (left === 0) {
        const part = chunk.subarray(at, at + headerLength - header.length);
        header = Buffer.concat([header, part]);
        at += part.length;
        if (header.length < headerLength) break;
        [stream, left] = [streamOf(header[0]), header.readUInt32BE(4)];
        header = noBytes;
      } else {
        const data = chunk.subarray(at, at + left);
        at += data.length;
        left -= data.length;
        yield { stream, data };
      }
    }
  }
  if (left > 0 || header.length > 0)
    throw new SlipwayError("data_loss", "The container's output ended within a frame");
}

function streamOf(byte: number | undefined): OutputChunk["stream"] {
  if (byte === 0 || byte === 1) return "stdout";
  if (byte === 2) return "stderr";
  throw new SlipwayError("internal", `The engine sent an unknown stream type: ${byte}`);
}
