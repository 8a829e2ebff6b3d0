import { createReadStream, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { BlobReader } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, splitDigest } from "../../oci/digest.ts";
import { parseIndex } from "../../oci/parse-manifest.ts";
import type { Source } from "../../oci/target.ts";
import { refAnnotation } from "./read-archive.ts";

/**
 * An OCI layout in a directory (image-spec, image-layout.md), to be read: its `ref`s are digests and the names in its
 * index. What a blob holds is for the reader to verify.
 */
export class LayoutSource implements Source {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** An empty `ref` means the only entry of the index. Throws `not_found`, and `invalid_argument` for what is no layout. */
  async resolve(ref: string): Promise<Descriptor> {
    const { manifests } = parseIndex(this.#read("index.json"));
    const named = manifests.filter(({ digest, annotations }) =>
      isDigest(ref) ? digest === ref : annotations?.[refAnnotation] === ref,
    );
    const [first, second] = ref === "" ? manifests : named;
    const shown = ref === "" ? "of which no tag was named" : JSON.stringify(ref);
    if (first === undefined) throw this.#notFound(shown);
    if (second !== undefined && ref === "") throw this.#notFound(shown);
    return await Promise.resolve(first);
  }

  async exists(desc: Descriptor): Promise<boolean> {
    return await Promise.resolve(statSync(this.#path(desc), { throwIfNoEntry: false })?.isFile() === true);
  }

  async fetch(desc: Descriptor, { offset = 0 }: CallOptions & { offset?: number } = {}): Promise<BlobReader> {
    if (!(await this.exists(desc))) throw this.#notFound(desc.digest);
    const stream = createReadStream(this.#path(desc), { start: offset, highWaterMark: 256 * 1024 });
    return {
      size: desc.size,
      [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>,
      [Symbol.asyncDispose]: () => {
        stream.destroy();
        return Promise.resolve();
      },
    };
  }

  #path({ digest }: Descriptor): string {
    const { algorithm, hex } = splitDigest(digest);
    return join(this.#directory, "blobs", algorithm, hex);
  }

  #read(name: string): Uint8Array {
    try {
      return readFileSync(join(this.#directory, name));
    } catch (cause) {
      const what = `"${this.#directory}" is no OCI layout: ${(cause as Error).message}`;
      throw new SlipwayError("invalid_argument", what, { cause });
    }
  }

  #notFound(what: string): SlipwayError {
    return new SlipwayError("not_found", `The OCI layout "${this.#directory}" has no single image ${what}`);
  }
}
