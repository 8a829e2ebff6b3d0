import { readBlob } from "../content/read-blob.ts";
import { once } from "../content/write-blob.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BlobReader } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isIndexType, isManifestType } from "../oci/media-types.ts";
import type { Source } from "../oci/target.ts";

/** `src`, asked for each manifest and index at most once: registries count those against a limit. */
export function rememberDocuments(src: Source): Source {
  const documents = new Map<string, Promise<Uint8Array>>();
  return {
    resolve: (ref, options) => src.resolve(ref, options),
    exists: (desc, options) => src.exists(desc, options),
    fetch: async (desc, options) => {
      const isDocument = isManifestType(desc.mediaType) || isIndexType(desc.mediaType);
      if (!isDocument || options?.offset) return await src.fetch(desc, options);
      let bytes = documents.get(desc.digest);
      if (bytes === undefined) documents.set(desc.digest, (bytes = read(src, desc, options)));
      return readerOf(await bytes);
    },
  };
}

async function read(src: Source, desc: Descriptor, options?: CallOptions): Promise<Uint8Array> {
  return await readBlob(src, desc, { signal: options?.signal });
}

function readerOf(bytes: Uint8Array): BlobReader {
  const stream = once(bytes);
  return {
    size: bytes.length,
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => {},
  };
}
