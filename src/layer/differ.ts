import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { Fetcher, HoldBlob } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { DiffID } from "../oci/digest.ts";
import type { Compression } from "../oci/media-types.ts";
import type { Mount } from "../oci/mount.ts";

export interface ApplyOptions extends CallOptions {
  /** An archive that is no layer (a build context, ADD): `.wh.` names are names like any other. */
  readonly isPlain?: boolean;
}

export interface CompareOptions extends CallOptions {
  readonly compression?: Compression;
  readonly hold?: HoldBlob;
}

/** Layers to directories and back (image-spec, layer.md). */
export interface Differ {
  /**
   * Unpacks the layer into the writable directory of `mounts` (a bind's source, or an overlay's upperdir, written to
   * directly: nothing is mounted). Whiteouts become the overlay's own. Verifies digest and size of what it reads.
   * Throws `data_loss`, `invalid_argument` for a hostile or broken archive; the directory is then to be thrown away.
   */
  apply(layer: Descriptor, from: Fetcher, mounts: readonly Mount[], options?: ApplyOptions): Promise<DiffID>;
  /**
   * Unpacks an archive that is no layer, plain or compressed by gzip or zstd, into the empty directory `into` as it
   * arrives: a stream, or a file from its beginning, open as `fd` until this settles. Throws as {@link apply}.
   */
  unpackArchive(
    archive: ByteStream | { readonly fd: number },
    into: string,
    options?: CallOptions,
  ): Promise<void>;
  /**
   * Packs what is in the writable directory of `mounts` (as for apply) as one layer blob in `to`. The same tree
   * always gives the same bytes.
   */
  compare(mounts: readonly Mount[], options?: CompareOptions): Promise<{ layer: Descriptor; diffID: DiffID }>;
}
