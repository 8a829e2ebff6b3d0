import type { ByteStream } from "../../oci/call-options.ts";

/**
 * Where a registry keeps its bytes: objects by key, and growing objects for uploads. Keys are slash-separated
 * paths of safe segments (letters, digits, `._-`), made in `keys.ts` alone. All the registry knows is in here, so
 * several registry processes may share one driver's medium.
 */
export interface StorageDriver {
  /** A small object, whole; undefined when there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Writes a small object: after a crash it is there whole or not at all. The last of two writers wins. */
  put(key: string, data: Uint8Array | string): Promise<void>;
  /**
   * As {@link put}, where there is no such object; false where there is one, also when two try at once, in two
   * processes too. Object stores that ignore `If-None-Match` tell only those apart that are not at the same moment.
   */
  putNew(key: string, data: Uint8Array | string): Promise<boolean>;
  /** False when there was none. */
  delete(key: string): Promise<boolean>;
  /** Bytes; undefined when there is none. */
  size(key: string): Promise<number | undefined>;
  /** When it was last written; undefined when there is none. */
  modified(key: string): Promise<Date | undefined>;
  /** Makes an object young again for {@link modified}, perhaps only to within ten minutes; false when there is none. */
  touch(key: string): Promise<boolean>;
  /** Drops what {@link put}s that never ended have left since before `before`. */
  sweep(before: Date): Promise<void>;
  /** The names directly below `prefix`, sorted by code unit: objects and prefixes. */
  children(prefix: string): Promise<string[]>;
  /** The bytes from `start` (inclusive) to `end` (exclusive) as a response body. The object must exist. */
  body(key: string, start: number, end: number): Promise<Blob | ReadableStream>;
  /** Where a client may get the object itself for a while; undefined, or not there: it goes through the registry. */
  location?(key: string): string | undefined;
  /** The whole object in chunks. The object must exist. */
  read(key: string): ByteStream;
  /** Starts an empty object that {@link append} grows. */
  create(key: string): Promise<void>;
  /**
   * Adds `content` at byte `offset`, which must be the object's size. When `content` fails, what came before stays.
   * @returns the new size
   */
  append(key: string, offset: number, content: ByteStream): Promise<number>;
  /** Flushes the object and gives it its final name, replacing what is there. It is young then. Throws without one. */
  move(from: string, to: string): Promise<void>;
}
