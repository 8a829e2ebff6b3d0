import type { ByteStream } from "../../../oci/call-options.ts";
import type { S3Client } from "./s3-client.ts";
import { element } from "./s3-listing.ts";

/** S3 takes no smaller parts, but for the last. */
export const leastPart = 5 << 20;
const partSize = 16 << 20;

/**
 * Writes `content` as one object: at once when it is small, in parts otherwise. When `content` fails, what came
 * before is kept as the object, and the failure thrown on. Returns the object's size; of nothing no object is made.
 */
export async function putStream(client: S3Client, key: string, content: ByteStream): Promise<number> {
  const upload = new PartUpload(client, key);
  let failed: { readonly error: unknown } | undefined;
  try {
    for await (const chunk of content) await upload.write(chunk);
  } catch (error) {
    failed = { error };
  }
  const size = await upload.finish();
  if (failed !== undefined) throw failed.error;
  return size;
}

class PartUpload {
  readonly #client: S3Client;
  readonly #key: string;
  #multipart: Multipart | undefined;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #size = 0;

  constructor(client: S3Client, key: string) {
    this.#client = client;
    this.#key = key;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk.slice());
    this.#held += chunk.length;
    this.#size += chunk.length;
    if (this.#held >= partSize) await this.#flush();
  }

  async finish(): Promise<number> {
    if (this.#multipart === undefined) {
      if (this.#size > 0)
        await this.#client.send({ method: "PUT", key: this.#key, body: Buffer.concat(this.#chunks) });
      return this.#size;
    }
    if (this.#held > 0) await this.#flush();
    await this.#multipart.complete();
    return this.#size;
  }

  async #flush(): Promise<void> {
    this.#multipart ??= await Multipart.start(this.#client, this.#key);
    const part = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#held = 0;
    await this.#multipart.put(part);
  }
}

/** A multipart upload: parts in order, then one object. One never completed is aborted by `sweep`. */
export class Multipart {
  readonly #client: S3Client;
  readonly #key: string;
  readonly #id: string;
  readonly #tags: string[] = [];

  private constructor(client: S3Client, key: string, id: string) {
    this.#client = client;
    this.#key = key;
    this.#id = id;
  }

  static async start(client: S3Client, key: string): Promise<Multipart> {
    const answer = await client.send({ method: "POST", key, query: { uploads: "" } });
    return new Multipart(client, key, element(await answer.text(), "UploadId"));
  }

  async put(body: Uint8Array): Promise<void> {
    const answer = await this.#client.send({ method: "PUT", key: this.#key, query: this.#next(), body });
    this.#tags.push(answer.headers.get("etag") ?? "");
  }

  /** Takes bytes `start` to `end` (exclusive) of another object as the next part, inside the store; false where it cannot. */
  async copyFrom(key: string, start: number, end: number): Promise<boolean> {
    const headers = {
      "x-amz-copy-source": this.#client.copySource(key),
      "x-amz-copy-source-range": `bytes=${start}-${end - 1}`,
    };
    const answer = await this.#client.send({
      method: "PUT",
      key: this.#key,
      query: this.#next(),
      headers,
      accept: [200, 501],
    });
    const tag = element(await answer.text(), "ETag");
    this.#tags.push(tag);
    return tag !== "";
  }

  async abort(): Promise<void> {
    const query = { uploadId: this.#id };
    await this.#client.send({ method: "DELETE", key: this.#key, query, accept: [204, 404, 405, 501] });
  }

  async complete(): Promise<void> {
    const parts = this.#tags.map(
      (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`,
    );
    const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
    const answer = await this.#client.send({
      method: "POST",
      key: this.#key,
      query: { uploadId: this.#id },
      body,
    });
    // An answer of 200 may still hold an error: it is begun before the work is done.
    const text = await answer.text();
    if (text.includes("<Error>"))
      throw new Error(`Cannot complete the upload of "${this.#key}": ${element(text, "Code")}`);
  }

  #next(): Record<string, string> {
    return { partNumber: String(this.#tags.length + 1), uploadId: this.#id };
  }
}
