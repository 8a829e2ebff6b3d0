import { digestOf, type Digest } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";

/** A registry as a foreign client meets it: nothing of ours between the test and the wire. */
export class Wire {
  readonly #base: string;

  constructor(host: string) {
    this.#base = `http://${host}`;
  }

  async send(
    method: string,
    path: string,
    init: { headers?: Record<string, string>; body?: Uint8Array | ReadableStream } = {},
  ): Promise<Response> {
    const url = new URL(path, this.#base);
    const { headers = {}, body } = init;
    return await fetch(url, {
      method,
      headers,
      redirect: "manual",
      body: (body ?? null) as ReadableStream | null,
    });
  }

  async status(method: string, path: string): Promise<number> {
    const answer = await this.send(method, path);
    await answer.arrayBuffer();
    return answer.status;
  }
}

/** A body without a `Content-Length`. */
export function streamed(bytes: Uint8Array): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 700) controller.enqueue(bytes.subarray(at, at + 700));
      controller.close();
    },
  });
}

/** The address with one more query parameter: a location may have some of its own. */
export function withQuery(location: string | null, name: string, value: string): string {
  const url = new URL(location ?? "", "http://registry.invalid");
  url.searchParams.append(name, value);
  return `${url.pathname}${url.search}`;
}

export type Algorithm = "sha256" | "sha512";

export interface Manifest {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly tags: readonly string[];
  readonly subject: Digest | undefined;
  /** What the list of referrers must say of it. */
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Blobs and manifests to push in this order. */
export class Content {
  readonly algorithm: Algorithm;
  readonly blobs = new Map<Digest, Uint8Array>();
  readonly manifests: Manifest[] = [];

  constructor(algorithm: Algorithm = "sha256") {
    this.algorithm = algorithm;
  }

  blob(bytes: Uint8Array, mediaType: string): Record<string, unknown> {
    const digest = digestOf(bytes, this.algorithm);
    this.blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  image(extra: Record<string, unknown> = {}, tags: readonly string[] = []): Record<string, unknown> {
    const layers = [0, 1].map(() =>
      this.blob(crypto.getRandomValues(new Uint8Array(300)), mediaTypes.ociLayer),
    );
    const config = this.blob(
      Buffer.from(JSON.stringify({ os: "linux", id: crypto.randomUUID() })),
      mediaTypes.ociConfig,
    );
    return this.#add(mediaTypes.ociManifest, { config, layers, ...extra }, tags);
  }

  artifact(artifactType: string, extra: Record<string, unknown> = {}, tags: readonly string[] = []) {
    const config = this.blob(Buffer.from("{}"), mediaTypes.ociEmpty);
    const layers = [this.blob(crypto.getRandomValues(new Uint8Array(200)), artifactType)];
    return this.#add(mediaTypes.ociManifest, { artifactType, config, layers, ...extra }, tags);
  }

  index(manifests: readonly unknown[], extra: Record<string, unknown> = {}, tags: readonly string[] = []) {
    return this.#add(mediaTypes.ociIndex, { manifests, ...extra }, tags);
  }

  #add(type: string, fields: Record<string, unknown>, tags: readonly string[]): Record<string, unknown> {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, ...fields }));
    const digest = digestOf(bytes, this.algorithm);
    const { subject, annotations, config } = fields as {
      subject?: { digest: Digest };
      annotations?: object;
      config?: { mediaType: string };
    };
    const artifactType = fields.artifactType ?? config?.mediaType;
    const descriptor = { mediaType: type, digest, size: bytes.length };
    const entry = {
      ...descriptor,
      ...(artifactType !== undefined && { artifactType }),
      ...(annotations && { annotations }),
    };
    this.manifests.push({ digest, bytes, type, tags, subject: subject?.digest, entry });
    return descriptor;
  }
}
