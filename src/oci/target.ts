import type { ByteStream, CallOptions } from "./call-options.ts";
import type { BlobReader, Fetcher } from "./content.ts";
import type { Descriptor } from "./descriptor.ts";

/**
 * Where images can be read: the local store, a registry repository, an OCI layout, a docker archive. `ref` is a tag
 * or a digest within the source; what a tag is named depends on the medium (the local store takes a full reference).
 */
export interface Source extends Fetcher {
  /** The descriptor of the manifest or index that `ref` names. Throws `not_found`. */
  resolve(ref: string, options?: CallOptions): Promise<Descriptor>;
  exists(desc: Descriptor, options?: CallOptions): Promise<boolean>;
}

export interface PushContentOptions extends CallOptions {
  /** Opens the content once more, from byte `offset` on: where a broken transfer goes on. Without it, it fails. */
  readonly again?: (offset: number) => Promise<BlobReader>;
}

/** Where images can be written as well. */
export interface Target extends Source {
  /**
   * Stores the content `desc` names: manifest, index, config or layer. The children of a manifest must be there
   * before it. Verifies what arrives; throws `data_loss`. Content that exists already is no error.
   */
  push(desc: Descriptor, content: ByteStream, options?: PushContentOptions): Promise<void>;
  tag(desc: Descriptor, ref: string, options?: CallOptions): Promise<void>;
  /**
   * Where it is offered, better than `push` for large blobs: takes the blob from `from` itself and asks only for what
   * an earlier, broken transfer has not kept. `onBytes` tells how many bytes are there. Throws `data_loss`.
   */
  receive?(
    desc: Descriptor,
    from: Fetcher,
    options?: CallOptions & { onBytes?: (bytes: number) => void },
  ): Promise<void>;
  /** Tries to take the blob from the repository `from` without moving bytes; false when it must be pushed. */
  mount?(desc: Descriptor, from: string, options?: CallOptions): Promise<boolean>;
}
