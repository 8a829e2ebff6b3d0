import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { BlobWriter, ContentStore, Fetcher, HoldBlob } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isCode } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";

/** Stores the bytes of `content`, which must be those of `desc`. Throws `data_loss`, and keeps nothing, when not. */
export async function writeBlob(
  store: ContentStore,
  desc: Descriptor,
  content: ByteStream,
  options?: CallOptions,
): Promise<void> {
  await using writer = await store.ingest(`push/${desc.digest}/${crypto.randomUUID()}`);
  try {
    for await (const chunk of content) {
      options?.signal?.throwIfAborted();
      await writer.write(chunk);
    }
    await writer.commit(desc);
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/**
 * As {@link writeBlob}, where `ContentStore.follow` sees it. One call at a time for each digest; what an earlier, broken one
 * kept is dropped. `onBytes` is called when some have come.
 */
export async function writeFollowedBlob(
  store: ContentStore,
  desc: Descriptor,
  content: ByteStream,
  { signal, onBytes }: CallOptions & { onBytes: () => void },
): Promise<void> {
  await using writer = await ingestAnew(store, `blob/${desc.digest}`);
  try {
    for await (const chunk of content) {
      signal?.throwIfAborted();
      await writer.write(chunk);
      onBytes();
    }
    await writer.commit(desc);
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function ingestAnew(store: ContentStore, ref: string): Promise<BlobWriter> {
  const writer = await store.ingest(ref);
  if (writer.offset === 0) return writer;
  await writer.abort();
  return await store.ingest(ref);
}

/** Stores a small document under its digest, which `hold` is told before. */
export async function writeBytes(
  store: ContentStore,
  mediaType: string,
  bytes: Uint8Array,
  hold?: HoldBlob,
): Promise<Descriptor> {
  const desc = { mediaType, digest: digestOf(bytes), size: bytes.length };
  hold?.(desc.digest);
  await writeBlob(store, desc, once(bytes));
  return desc;
}

/**
 * Takes the blob from `from`. What an earlier, broken call kept is not asked for again; should the kept part turn out
 * wrong, it starts over once. A break keeps what has come, for the next call.
 */
export async function receiveBlob(
  store: ContentStore,
  desc: Descriptor,
  from: Fetcher,
  options?: CallOptions & { onBytes?: (bytes: number) => void },
): Promise<void> {
  const resumed = await receiveOnce(store, desc, from, options);
  if (resumed === "wrong") await receiveOnce(store, desc, from, options);
}

async function receiveOnce(
  store: ContentStore,
  desc: Descriptor,
  from: Fetcher,
  options?: CallOptions & { onBytes?: (bytes: number) => void },
): Promise<"done" | "wrong"> {
  await using writer = await store.ingest(`blob/${desc.digest}`);
  const kept = writer.offset;
  try {
    options?.onBytes?.(Math.min(kept, desc.size));
    if (kept < desc.size) {
      await using reader = await from.fetch(desc, { offset: kept, signal: options?.signal });
      for await (const chunk of reader) {
        options?.signal?.throwIfAborted();
        await writer.write(chunk);
        options?.onBytes?.(writer.offset);
      }
    }
    await writer.commit(desc);
    return "done";
  } catch (error) {
    // What was kept for a later try would keep the disk full.
    if (isCode(error, "resource_exhausted")) await writer.abort();
    if (!isCode(error, "data_loss")) throw error;
    await writer.abort();
    if (kept > 0) return "wrong";
    throw error;
  }
}

/** A stream of one chunk. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
