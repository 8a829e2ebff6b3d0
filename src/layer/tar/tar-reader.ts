import type { ByteStream } from "../../oci/call-options.ts";
import type { TarHeader } from "./tar-header.ts";
import { TarParser, type TarEvent } from "./tar-parser.ts";

/** One entry of an archive being read. `content` may be left unread; it is gone once the next entry was asked for. */
export interface TarEntry {
  readonly header: TarHeader;
  readonly isSparse: boolean;
  /** `header.size` bytes for a file, holes as zeros. */
  readonly content: ByteStream;
}

/**
 * The entries of the uncompressed archive `stream`, one after the other. The whole stream is read, also what follows
 * the archive's end. Throws as {@link TarParser}.
 */
export async function* readTar(stream: ByteStream): AsyncGenerator<TarEntry, void, void> {
  const events = tarEvents(stream);
  for (let next = await events.next(); next.done !== true;) {
    if (next.value.kind !== "entry") {
      next = await events.next();
      continue;
    }
    const { header, isSparse } = next.value;
    yield { header, isSparse, content: contentOf(header.size, isSparse, events) };
    next = await events.next();
  }
}

async function* tarEvents(stream: ByteStream): AsyncGenerator<TarEvent, void, void> {
  const parser = new TarParser();
  for await (const chunk of stream) yield* parser.push(chunk);
  yield* parser.end();
}

async function* contentOf(
  size: number,
  isSparse: boolean,
  events: AsyncGenerator<TarEvent, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  let at = 0;
  for (let next = await events.next(); next.done !== true; next = await events.next()) {
    if (next.value.kind !== "data") break;
    yield* zeros(next.value.offset - at);
    yield next.value.bytes;
    at = next.value.offset + next.value.bytes.length;
  }
  if (isSparse) yield* zeros(size - at);
}

function* zeros(count: number): Generator<Uint8Array, void, void> {
  const chunk = new Uint8Array(Math.max(0, Math.min(count, 1 << 18)));
  for (let rest = count; rest > 0; rest -= chunk.length)
    yield rest >= chunk.length ? chunk : chunk.subarray(0, rest);
}
