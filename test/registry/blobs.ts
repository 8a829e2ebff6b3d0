import { randomBytes } from "node:crypto";
import type { ByteStream } from "../../src/oci/call-options.ts";
import type { BlobReader } from "../../src/oci/content.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { parseReference } from "../../src/oci/reference.ts";
import type { RegistryConfig } from "../../src/registry/client/registry-config.ts";
import { openRepository, type Repository } from "../../src/registry/client/repository.ts";

export interface TestBlob {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

export function randomBlob(size: number): TestBlob {
  return blobOf(randomBytes(size));
}

export function blobOf(bytes: Uint8Array, mediaType: string = mediaTypes.ociLayer): TestBlob {
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

/** 256 KiB at a time. */
export async function* chunks(bytes: Uint8Array): ByteStream {
  for (let at = 0; at < bytes.length; at += 1 << 18) yield bytes.subarray(at, at + (1 << 18));
}

/** `bytes` from `offset` on. */
export function reader(bytes: Uint8Array, offset = 0): BlobReader {
  const content = chunks(bytes.subarray(offset));
  return {
    size: bytes.length,
    [Symbol.asyncIterator]: () => content[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

export async function collect(stream: ByteStream): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** A repository with retries that do not wait long. */
export function repositoryAt(host: string, path: string, config: RegistryConfig = {}): Repository {
  return openRepository(parseReference(`${host}/${path}`), { retry: { baseMs: 1 }, ...config });
}
