import type { ByteStream } from "../../../oci/call-options.ts";
import type { StorageDriver } from "../storage-driver.ts";
import { leastPart, Multipart, putStream } from "./multipart.ts";
import { S3Client, type S3Options } from "./s3-client.ts";
import { element, elements, listObjects, type S3Entry } from "./s3-listing.ts";

/** Marks an object that grows: its bytes are segments elsewhere. */
const growing = "x-amz-meta-growing";
const touchedMs = 600_000;
const presignSeconds = 1200;

interface Sized {
  readonly key: string;
  readonly size: number;
}

export interface S3DriverOptions extends S3Options {
  /** Send clients to the store for blobs, by presigned URLs, instead of passing the bytes through. Default false. */
  readonly redirect?: boolean;
  /** What the store copies at once, in bytes, and at least twice its smallest part. Default 5 GiB, S3's limit. */
  readonly largestCopy?: number;
}

/**
 * A registry's objects in a bucket of any S3-compatible store. A growing object is an empty marker, and a segment
 * for each append under `segments/<key>/<offset>`; it becomes one object inside the store when it gets its name. Of
 * an append that dies with the process nothing is kept; of one whose content fails, all that came.
 */
export class S3Driver implements StorageDriver {
  readonly #client: S3Client;
  readonly #redirect: boolean;
  readonly #largestCopy: number;

  constructor(options: S3DriverOptions) {
    this.#client = new S3Client(options);
    this.#redirect = options.redirect ?? false;
    this.#largestCopy = options.largestCopy ?? 5 * 2 ** 30;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const answer = await this.#client.send({ method: "GET", key, accept: [200, 404] });
    return answer.status === 404 ? undefined : new Uint8Array(await answer.arrayBuffer());
  }

  async put(key: string, data: Uint8Array | string): Promise<void> {
    await this.#client.send({ method: "PUT", key, body: data });
  }

  async putNew(key: string, data: Uint8Array | string): Promise<boolean> {
    if ((await this.#head(key)) !== undefined) return false;
    const headers = { "if-none-match": "*" };
    // 409: somebody else is writing it this moment, and is first.
    const accept = [200, 409, 412];
    return (await this.#client.send({ method: "PUT", key, body: data, headers, accept })).status === 200;
  }

  async delete(key: string): Promise<boolean> {
    const head = await this.#head(key);
    if (head === undefined) return false;
    if (head.grows) for (const { name } of await this.#segments(key)) await this.#remove(segment(key, name));
    await this.#remove(key);
    return true;
  }

  async size(key: string): Promise<number | undefined> {
    const head = await this.#head(key);
    if (head?.grows !== true) return head?.size;
    return (await this.#segments(key)).reduce((sum, { size }) => sum + size, 0);
  }

  async modified(key: string): Promise<Date | undefined> {
    const head = await this.#head(key);
    if (head?.grows !== true) return head?.modified;
    return (await this.#segments(key)).at(-1)?.modified ?? head.modified;
  }

  async touch(key: string): Promise<boolean> {
    const head = await this.#head(key);
    if (head === undefined) return false;
    if (Date.now() - head.modified.getTime() < touchedMs) return true;
    if (head.size > this.#largestCopy) await this.#copyLarge(key, [{ key, size: head.size }]);
    else await this.#copy(key, key, { "x-amz-metadata-directive": "REPLACE" });
    return true;
  }

  async sweep(before: Date): Promise<void> {
    const answer = await this.#client.send({
      method: "GET",
      query: { uploads: "" },
      accept: [200, 404, 501],
    });
    if (answer.status !== 200) return;
    for (const upload of elements(await answer.text(), "Upload")) {
      if (new Date(element(upload, "Initiated")) >= before) continue;
      const own = this.#client.fullKey("");
      const key = element(upload, "Key");
      if (!key.startsWith(own)) continue;
      const query = { uploadId: element(upload, "UploadId") };
      await this.#client.send({ method: "DELETE", key: key.slice(own.length), query, accept: [204, 404] });
    }
  }

  async children(prefix: string): Promise<string[]> {
    const { objects, prefixes } = await listObjects(this.#client, prefix, true);
    return [...new Set([...objects.map(({ name }) => name), ...prefixes])].sort();
  }

  async body(key: string, start: number, end: number): Promise<ReadableStream> {
    const headers = { range: `bytes=${start}-${end - 1}` };
    const answer = await this.#client.send({ method: "GET", key, headers, accept: [200, 206] });
    return answer.body ?? new Blob([]).stream();
  }

  location(key: string): string | undefined {
    return this.#redirect ? this.#client.presign(key, presignSeconds) : undefined;
  }

  async *read(key: string): ByteStream {
    const head = await this.#head(key);
    const keys =
      head?.grows === true ? (await this.#segments(key)).map(({ name }) => segment(key, name)) : [key];
    for (const part of keys) {
      const answer = await this.#client.send({ method: "GET", key: part });
      yield* answer.body ?? [];
    }
  }

  async create(key: string): Promise<void> {
    await this.#client.send({ method: "PUT", key, headers: { [growing]: "1" } });
  }

  async append(key: string, offset: number, content: ByteStream): Promise<number> {
    const name = String(offset).padStart(16, "0");
    return offset + (await putStream(this.#client, segment(key, name), content));
  }

  async move(from: string, to: string): Promise<void> {
    const head = await this.#head(from);
    if (head?.grows === true) await this.#join(from, to);
    else if ((head?.size ?? 0) > this.#largestCopy)
      await this.#copyLarge(to, [{ key: from, size: head?.size ?? 0 }]);
    else await this.#copy(from, to);
    await this.delete(from);
  }

  /** Makes one object of a growing one, inside the store where its segments are large enough for that. */
  async #join(from: string, to: string): Promise<void> {
    const parts = (await this.#segments(from)).map(({ name, size }) => ({ key: segment(from, name), size }));
    const [only] = parts;
    if (only === undefined) await this.put(to, "");
    else if (parts.length === 1 && only.size <= this.#largestCopy) await this.#copy(only.key, to);
    else await this.#copyLarge(to, parts);
  }

  /** Inside the store where it can do that, through this process otherwise. */
  async #copyLarge(to: string, sources: readonly Sized[]): Promise<void> {
    const large = sources.slice(0, -1).every(({ size }) => size >= leastPart);
    if (!large || !(await this.#copyInParts(to, sources))) await this.#copyThrough(to, sources);
  }

  async #copyInParts(to: string, sources: readonly Sized[]): Promise<boolean> {
    const upload = await Multipart.start(this.#client, to);
    for (const { key, size } of sources) {
      // Equal parts: a small one at the end of a source would be too small in the middle of the object.
      const step = Math.ceil(size / Math.ceil(size / this.#largestCopy));
      for (let at = 0; at < size; at += step) {
        if (await upload.copyFrom(key, at, Math.min(size, at + step))) continue;
        await upload.abort();
        return false;
      }
    }
    await upload.complete();
    return true;
  }

  async #copyThrough(to: string, sources: readonly Sized[]): Promise<void> {
    const { read } = { read: (key: string) => this.read(key) };
    await putStream(
      this.#client,
      to,
      (async function* () {
        for (const { key } of sources) yield* read(key);
      })(),
    );
  }

  async #copy(from: string, to: string, headers: Record<string, string> = {}): Promise<void> {
    const source = { "x-amz-copy-source": this.#client.copySource(from) };
    const answer = await this.#client.send({ method: "PUT", key: to, headers: { ...source, ...headers } });
    const text = await answer.text();
    if (text.includes("<Error>")) throw new Error(`Cannot copy "${from}": ${element(text, "Code")}`);
  }

  async #remove(key: string): Promise<void> {
    await this.#client.send({ method: "DELETE", key, accept: [200, 204, 404] });
  }

  async #segments(key: string): Promise<S3Entry[]> {
    const { objects } = await listObjects(this.#client, `segments/${key}`);
    return objects.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #head(key: string): Promise<{ size: number; modified: Date; grows: boolean } | undefined> {
    const { status, headers } = await this.#client.send({ method: "HEAD", key, accept: [200, 404] });
    if (status === 404) return undefined;
    return {
      size: Number(headers.get("content-length") ?? 0),
      modified: new Date(headers.get("last-modified") ?? 0),
      grows: headers.has(growing),
    };
  }
}

function segment(key: string, name: string): string {
  return `segments/${key}/${name}`;
}
