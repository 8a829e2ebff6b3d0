import { availableParallelism } from "node:os";
import { hasBlob } from "../../content/has-blob.ts";
import { Limiter } from "../../internal/limiter.ts";
import type { ByteStream, CallOptions } from "../../oci/call-options.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { layerCompression } from "../../oci/media-types.ts";
import type { Lease } from "../../state/leases.ts";
import { Arrivals } from "../arrivals.ts";
import type { ImageStore } from "../image-store.ts";
import type { BlobTarget } from "./archive-entries.ts";
import type { LayersAhead, UnpackedAhead, Unpacker } from "../unpacker.ts";

export interface EarlyLayersParts {
  readonly content: ContentStore;
  readonly images: ImageStore;
  readonly unpacker: Unpacker;
}

/** Of smaller layers the files would only make the flushes of the blobs that follow wait (bytes). */
const worthwhile = 8 << 20;

/**
 * Unpacks the larger layers of an archive while their blobs arrive, before the archive has said whose layers they are. What
 * nobody took by then goes with the dispose, which also stops what goes on.
 */
export class EarlyLayers implements BlobTarget, LayersAhead, AsyncDisposable {
  readonly from: number;
  readonly #parts: EarlyLayersParts;
  readonly #lease: Lease;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #arrivals: Arrivals;
  readonly #limiter = new Limiter(Math.min(3, availableParallelism()));
  readonly #ahead = new Map<Digest, Promise<UnpackedAhead | undefined>>();

  /** `lease` holds what is unpacked until it is taken. `from`: the least size of a layer, bytes. */
  constructor(
    parts: EarlyLayersParts,
    lease: Lease,
    { signal, from = worthwhile }: CallOptions & { readonly from?: number } = {},
  ) {
    this.from = from;
    this.#parts = parts;
    this.#lease = lease;
    this.#signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
    this.#arrivals = new Arrivals(parts.images, this.#signal);
  }

  /**
   * Takes a blob into the store; one that has a layer's media type is unpacked meanwhile. `content` may be left unread:
   * the store has the blob then. Throws `data_loss` when it is not the blob.
   */
  async receive(desc: Descriptor, content: ByteStream): Promise<void> {
    const { content: store, images } = this.#parts;
    if (await hasBlob(store, desc.digest)) return;
    if (layerCompression(desc.mediaType) !== undefined) this.#begin(desc);
    const onBytes = (): void => this.#arrivals.moved(desc.digest);
    await images.pushFollowed(desc, content, { signal: this.#signal, onBytes });
    this.#arrivals.add(desc.digest);
  }

  async take({ digest }: Descriptor): Promise<UnpackedAhead | undefined> {
    const work = this.#ahead.get(digest);
    this.#ahead.delete(digest);
    return await work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    for (const work of this.#ahead.values()) await (await work)?.drop();
    this.#ahead.clear();
  }

  /** What cannot be unpacked is told by who needs it: it may be no layer. */
  #begin(layer: Descriptor): void {
    if (this.#ahead.has(layer.digest) || this.#parts.unpacker.isHeld(layer)) return;
    const options = { lease: this.#lease, signal: this.#signal };
    const work = this.#limiter.run(
      async () => await this.#parts.unpacker.unpackAhead(layer, this.#arrivals, options),
    );
    this.#ahead.set(
      layer.digest,
      work.catch(() => undefined),
    );
  }
}
