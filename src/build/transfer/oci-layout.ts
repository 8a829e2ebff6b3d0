import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FileContentStore } from "../../content/file-content-store.ts";
import { hasBlob } from "../../content/has-blob.ts";
import { SlipwayError } from "../../errors.ts";
import { atomicWrite } from "../../internal/atomic-write.ts";
import type { ByteStream, CallOptions } from "../../oci/call-options.ts";
import type { BlobReader } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { parseIndex } from "../../oci/parse-manifest.ts";
import type { Target } from "../../oci/target.ts";

const refName = "org.opencontainers.image.ref.name";

/**
 * A directory as image-spec, image-layout.md, has it. Tags are the `ref.name` of the entries of `index.json`. Blobs are
 * added and never removed. Dispose when done: it takes away what a write in progress needs.
 */
export class OciLayout implements Target, Disposable {
  readonly #directory: string;
  readonly #blobs: FileContentStore;

  private constructor(directory: string, blobs: FileContentStore) {
    this.#directory = directory;
    this.#blobs = blobs;
  }

  /** Opens the layout at an absolute path. Throws `not_found` when there is none, unless it shall be made. */
  static async open(directory: string, { create = false } = {}): Promise<OciLayout> {
    const isThere = existsSync(join(directory, "oci-layout"));
    if (!isThere && !create)
      throw new SlipwayError("not_found", `could not read "${join(directory, "index.json")}": not found`);
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    const layout = new OciLayout(directory, await FileContentStore.open(directory));
    if (!isThere) await atomicWrite(join(directory, "oci-layout"), `{"imageLayoutVersion":"1.0.0"}`);
    return layout;
  }

  async resolve(ref: string): Promise<Descriptor> {
    const found = this.#entries().find(({ annotations }) => annotations?.[refName] === ref);
    if (found === undefined)
      throw new SlipwayError("not_found", `"${join(this.#directory, "index.json")}" has no "${ref}"`);
    const { mediaType, digest, size } = found;
    return { mediaType, digest, size };
  }

  async exists(desc: Descriptor): Promise<boolean> {
    return await hasBlob(this.#blobs, desc.digest);
  }

  async fetch(desc: Descriptor, options?: CallOptions & { offset?: number }): Promise<BlobReader> {
    return await this.#blobs.fetch(desc, options);
  }

  async push(desc: Descriptor, content: ByteStream): Promise<void> {
    await using writer = await this.#blobs.ingest(`push ${desc.digest} ${crypto.randomUUID()}`);
    try {
      for await (const chunk of content) await writer.write(chunk);
      await writer.commit({ digest: desc.digest, size: desc.size });
    } finally {
      await writer.abort();
    }
  }

  async tag({ mediaType, digest, size }: Descriptor, ref: string): Promise<void> {
    const others = this.#entries().filter(({ annotations }) => annotations?.[refName] !== ref);
    const entry = { mediaType, digest, size, annotations: { [refName]: ref } };
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...others, entry] };
    await atomicWrite(join(this.#directory, "index.json"), JSON.stringify(index));
  }

  [Symbol.dispose](): void {
    rmSync(join(this.#directory, "ingest"), { recursive: true, force: true });
  }

  #entries(): readonly Descriptor[] {
    const file = join(this.#directory, "index.json");
    return existsSync(file) ? parseIndex(readFileSync(file)).manifests : [];
  }
}
