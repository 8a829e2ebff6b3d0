import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";

/** A document is written in one go: this is for slow lines, and ends clients that hold a request open. */
export const bodyTimeoutMs = 60_000;

/**
 * `body`, all of which must be there within `ms`. For documents: an archive may come from a pipe that is quiet for
 * long. Throws `invalid_argument` when it is late.
 */
export async function* bodyWithin(body: ByteStream, ms = bodyTimeoutMs): AsyncGenerator<Uint8Array> {
  const parts = body[Symbol.asyncIterator]();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow(ms)), ms);
  });
  try {
    for (;;) {
      const step = await Promise.race([parts.next(), late]);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(ms: number): SlipwayError {
  return new SlipwayError("invalid_argument", `Bad request body: it takes longer than ${ms / 1000} seconds`);
}
