import { collectAll } from "../../content/collect.ts";
import { verified } from "../../content/verify.ts";
import { once } from "../../content/write-blob.ts";
import { SlipwayError } from "../../errors.ts";
import { KeyedMutex } from "../../internal/keyed-mutex.ts";
import { tarTypes } from "../../layer/tar/tar-header.ts";
import { tarHeaderBlocks, tarPadding, tarTrailer } from "../../layer/tar/tar-writer.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { splitDigest } from "../../oci/digest.ts";
import { isIndexType, isManifestType, mediaTypes } from "../../oci/media-types.ts";
import { parseIndex, parseManifest } from "../../oci/parse-manifest.ts";
import { selectManifest } from "../../oci/platform-match.ts";
import { hostPlatform } from "../../oci/platform.ts";
import { canonicalString, familiarString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import type { Target } from "../../oci/target.ts";
import { nameAnnotation, refAnnotation } from "./read-archive.ts";

const maxDocument = 8 * 1024 * 1024;

/**
 * An image archive being written, as one stream: an OCI layout (image-layout.md) with Docker's `manifest.json` beside
 * it, which Docker 25 and later, Podman and skopeo read. Blobs go out as they are pushed, each once. Every time is 0, so
 * the same images give the same bytes. Layers must come verified, as a `Fetcher` gives them: they are only counted.
 * Close it with {@link finish}.
 */
export class ArchiveTarget implements Target {
  readonly #write: (chunk: Uint8Array) => Promise<void>;
  readonly #locks = new KeyedMutex();
  readonly #written = new Set<string>();
  readonly #documents = new Map<string, Uint8Array>();
  readonly #roots = new Map<string, { desc: Descriptor; references: string[] }>();

  /** `write` takes the archive piece by piece. */
  constructor(write: (chunk: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  async resolve(ref: string): Promise<Descriptor> {
    throw new SlipwayError(
      "not_implemented",
      `Cannot resolve "${ref}": an archive that is written cannot be read`,
    );
  }

  async fetch(desc: Descriptor): Promise<never> {
    const what = `Cannot read blob "${desc.digest}": an archive that is written cannot be read`;
    throw new SlipwayError("not_implemented", what);
  }

  async exists(desc: Descriptor): Promise<boolean> {
    return this.#written.has(desc.digest);
  }

  async push(desc: Descriptor, content: ByteStream): Promise<void> {
    using _lock = await this.#locks.lock("stream");
    if (this.#written.has(desc.digest)) return;
    const isDocument = isManifestType(desc.mediaType) || isIndexType(desc.mediaType);
    let body = content;
    if (isDocument) {
      const bytes = await collectAll(verified(content, desc), maxDocument);
      this.#documents.set(desc.digest, bytes);
      body = once(bytes);
    }
    await this.#file(blobPath(desc), desc.size, body);
    this.#written.add(desc.digest);
  }

  async tag(desc: Descriptor, ref: string): Promise<void> {
    this.add(desc);
    const reference = canonicalString(withDefaultTag(parseReference(ref)));
    this.#roots.get(desc.digest)?.references.push(reference);
  }

  /** An image of the archive, without a name as yet. Idempotent. */
  add(desc: Descriptor): void {
    if (!this.#roots.has(desc.digest)) this.#roots.set(desc.digest, { desc, references: [] });
  }

  /** Writes the documents and the end of the archive. */
  async finish(): Promise<void> {
    const version = { imageLayoutVersion: "1.0.0" };
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: this.#indexEntries() };
    await this.#document("index.json", index);
    await this.#document("manifest.json", this.#dockerItems());
    await this.#document("oci-layout", version);
    await this.#write(tarTrailer());
  }

  #indexEntries(): object[] {
    return [...this.#roots.values()].flatMap(
      ({ desc: { mediaType, digest, size }, references }): object[] => {
        if (references.length === 0) return [{ mediaType, digest, size }];
        return references.map((reference) => {
          const { tag } = parseReference(reference);
          const annotations = {
            [nameAnnotation]: reference,
            ...(tag !== undefined && { [refAnnotation]: tag }),
          };
          return { mediaType, digest, size, annotations };
        });
      },
    );
  }

  /** Docker's own list. Of an index it can tell one image: this machine's, or the first. */
  #dockerItems(): object[] {
    const items = new Map<string, { Config: string; RepoTags: string[]; Layers: string[] }>();
    for (const { desc, references } of this.#roots.values()) {
      const bytes = this.#manifestBytes(desc);
      if (bytes === undefined) continue;
      const { config, layers } = parseManifest(bytes);
      const item = items.get(config.digest) ?? {
        Config: blobPath(config),
        RepoTags: [],
        Layers: layers.map(blobPath),
      };
      item.RepoTags.push(...references.map((reference) => familiarString(parseReference(reference))));
      items.set(config.digest, item);
    }
    return [...items.values()];
  }

  #manifestBytes(desc: Descriptor): Uint8Array | undefined {
    const bytes = this.#documents.get(desc.digest);
    if (bytes === undefined || !isIndexType(desc.mediaType)) return bytes;
    const { manifests } = parseIndex(bytes);
    const chosen = selectManifest(manifests, hostPlatform()) ?? manifests[0];
    return chosen === undefined ? undefined : this.#manifestBytes(chosen);
  }

  async #document(name: string, document: object): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(document));
    await this.#file(name, bytes.length, once(bytes));
  }

  async #file(name: string, size: number, content: ByteStream): Promise<void> {
    await this.#write(tarHeaderBlocks({ type: tarTypes.file, name, mode: 0o644, size }));
    let written = 0;
    for await (const chunk of content) {
      written += chunk.length;
      await this.#write(chunk);
    }
    if (written !== size) {
      throw new SlipwayError("data_loss", `Blob "${name}" has ${written} bytes, ${size} expected`);
    }
    await this.#write(tarPadding(size));
  }
}

function blobPath(desc: Descriptor): string {
  const { algorithm, hex } = splitDigest(desc.digest);
  return `blobs/${algorithm}/${hex}`;
}
