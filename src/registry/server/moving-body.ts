import type { ByteStream } from "../../oci/call-options.ts";
import { RegistryError } from "./registry-error.ts";

/** How long a client may send nothing in the middle of a body. */
export const defaultStallMs = 60_000;
const ticks = 4;

/**
 * The request's body, however long it takes as long as it moves. Throws 408 when nothing came for `stallMs`: what came
 * before is the reader's to keep.
 */
export async function* movingBody(request: Request, stallMs: number): ByteStream {
  if (request.body === null) return;
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  // Ticks, not times: when this process itself was held up, one tick passes.
  let silentTicks = 0;
  let stalled = false;
  const timer = setInterval(() => {
    silentTicks += 1;
    if (silentTicks <= ticks) return;
    stalled = true;
    // The pending read ends by it.
    void reader.cancel().catch(() => {});
  }, stallMs / ticks);
  try {
    for (;;) {
      silentTicks = 0;
      const { done, value } = await reader.read();
      // The time that storing takes is not the client's.
      silentTicks = Number.NEGATIVE_INFINITY;
      if (stalled) throw silence(stallMs);
      if (done) return;
      yield value;
    }
  } finally {
    clearInterval(timer);
    if (!stalled) await reader.cancel().catch(() => {});
  }
}

function silence(stallMs: number): RegistryError {
  const message = `nothing came for ${stallMs / 1000} s`;
  return new RegistryError("BLOB_UPLOAD_INVALID", { status: 408, message, headers: { connection: "close" } });
}
