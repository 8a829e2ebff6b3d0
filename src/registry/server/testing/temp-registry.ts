import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf, type Digest } from "../../../oci/digest.ts";
import { mediaTypes } from "../../../oci/media-types.ts";
import { FilesystemDriver } from "../filesystem-driver.ts";
import { createRegistry, type RegistryOptions } from "../registry.ts";

/** A registry over a directory of its own, called without a network. For tests; dispose removes the directory. */
export class TempRegistry implements AsyncDisposable {
  readonly root: string;
  readonly #options: Partial<RegistryOptions>;
  #handle: (request: Request) => Promise<Response>;

  private constructor(root: string, options: Partial<RegistryOptions>) {
    this.root = root;
    this.#options = options;
    this.#handle = createRegistry({ storage: new FilesystemDriver(root), ...options });
  }

  static async open(options: Partial<RegistryOptions> = {}): Promise<TempRegistry> {
    return new TempRegistry(await mkdtemp(join(tmpdir(), "registry-")), options);
  }

  /** Forgets everything in memory, as a crash does. */
  restart(): void {
    this.#handle = createRegistry({ storage: new FilesystemDriver(this.root), ...this.#options });
  }

  async call(
    method: string,
    path: string,
    init: { headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> } = {},
  ): Promise<Response> {
    const url = path.startsWith("http") ? path : `http://registry.test${path}`;
    const body = init.body === undefined ? null : new Blob([init.body]).stream();
    return await this.#handle(new Request(url, { method, headers: init.headers ?? {}, body }));
  }

  /** Stores a blob; its digest. */
  async blob(repository: string, content: string): Promise<Digest> {
    const digest = digestOf(content);
    const answer = await this.call("POST", `/v2/${repository}/blobs/uploads/?digest=${digest}`, {
      body: content,
    });
    if (answer.status !== 201) throw new Error(`blob: ${answer.status} ${await answer.text()}`);
    return digest;
  }

  /** Stores an image of one layer; the manifest's digest and bytes. */
  async image(repository: string, reference: string | undefined, extra: object = {}) {
    const config = await this.blob(repository, `{"os":"linux","architecture":"amd64"}`);
    const layer = await this.blob(repository, "layer");
    const bytes = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: config, size: 37 },
      layers: [{ mediaType: mediaTypes.ociLayer, digest: layer, size: 5 }],
      ...extra,
    });
    const digest = digestOf(bytes);
    const answer = await this.manifest(repository, reference ?? digest, bytes);
    return { digest, bytes, answer };
  }

  async manifest(
    repository: string,
    reference: string,
    bytes: string,
    type: string = mediaTypes.ociManifest,
  ) {
    return await this.call("PUT", `/v2/${repository}/manifests/${reference}`, {
      headers: { "content-type": type },
      body: bytes,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** The first error code of a refusal's body. */
export async function refusal(response: Response): Promise<string> {
  const { errors } = (await response.json()) as { errors: { code: string; message: string }[] };
  return `${response.status} ${errors[0]?.code}`;
}
