import { hasBlob } from "../../content/has-blob.ts";
import { MemoryContentStore } from "../../content/memory-content-store.ts";
import { writeBlob } from "../../content/write-blob.ts";
import { SlipwayError } from "../../errors.ts";
import type { ByteStream, CallOptions } from "../../oci/call-options.ts";
import type { BlobReader } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { children } from "../../oci/parse-manifest.ts";
import { readBlob } from "../../content/read-blob.ts";
import type { Target } from "../../oci/target.ts";

/**
 * Images in memory, as strict as a registry: a manifest is refused before its children are there. Keeps what was
 * asked of it in `calls`. For tests.
 */
export class MemoryTarget implements Target {
  readonly content = new MemoryContentStore();
  readonly calls: string[] = [];
  readonly #tags = new Map<string, Descriptor>();

  async resolve(ref: string): Promise<Descriptor> {
    const desc = this.#tags.get(ref);
    if (desc === undefined) throw new SlipwayError("not_found", `Tag "${ref}" not found`);
    return desc;
  }

  async exists(desc: Descriptor): Promise<boolean> {
    return await hasBlob(this.content, desc.digest);
  }

  async fetch(desc: Descriptor, options?: CallOptions & { offset?: number }): Promise<BlobReader> {
    this.calls.push(`fetch ${desc.digest}`);
    return await this.content.fetch(desc, options);
  }

  async push(desc: Descriptor, content: ByteStream, options?: CallOptions): Promise<void> {
    this.calls.push(`push ${desc.digest}`);
    await writeBlob(this.content, desc, content, options);
    for (const child of children(desc, await this.#documentOf(desc))) {
      if (await this.exists(child)) continue;
      await this.content.delete(desc.digest);
      throw new SlipwayError("invalid_argument", `Blob "${child.digest}" is unknown`);
    }
  }

  async tag(desc: Descriptor, ref: string): Promise<void> {
    if (!(await this.exists(desc))) throw new SlipwayError("not_found", `Blob "${desc.digest}" not found`);
    this.#tags.set(ref, desc);
  }

  async #documentOf(desc: Descriptor): Promise<Uint8Array> {
    return desc.mediaType.endsWith("+json") || desc.mediaType.endsWith(".json")
      ? await readBlob(this.content, desc)
      : new Uint8Array();
  }
}
