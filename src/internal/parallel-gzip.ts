import { gzip } from "node:zlib";
import { promisify } from "node:util";

const compress = promisify(gzip);
/** Input bytes of one member: large enough to cost no compression, small enough to hold a few. */
const memberSize = 1024 * 1024;

/**
 * Compresses into gzip members (RFC 1952, 2.2: a gzip file is any number of them) that are made side by side, `width`
 * at a time, and come out in order. The same bytes always give the same output, whatever the chunks and the width.
 */
export async function* parallelGzip(
  stream: AsyncIterable<Uint8Array>,
  options: { readonly width: number; readonly level?: number },
): AsyncGenerator<Uint8Array> {
  const level = options.level ?? 6;
  const running: Promise<Uint8Array>[] = [];
  let members = 0;
  try {
    for await (const member of slices(stream)) {
      members += 1;
      running.push(compress(member, { level }));
      if (running.length >= options.width) yield (await running.shift()) ?? new Uint8Array();
    }
    if (members === 0) running.push(compress(new Uint8Array(), { level }));
    for (let next = running.shift(); next !== undefined; next = running.shift()) yield await next;
  } finally {
    await Promise.allSettled(running);
  }
}

/** The same bytes in pieces of `memberSize`, the last may be smaller. */
async function* slices(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let buffer = new Uint8Array(memberSize);
  let used = 0;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + memberSize - used);
      buffer.set(part, used);
      used += part.length;
      at += part.length;
      if (used < memberSize) continue;
      yield buffer;
      buffer = new Uint8Array(memberSize);
      used = 0;
    }
  }
  if (used > 0) yield buffer.subarray(0, used);
}
