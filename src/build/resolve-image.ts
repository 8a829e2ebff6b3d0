import type { CallOptions } from "../oci/call-options.ts";
import type { Fetcher } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";

/** Makes an image that a build names available in the image store: found there, or pulled. */
export type ResolveImage = (
  reference: string,
  platform: Platform,
  options: CallOptions & {
    readonly pull: boolean;
    readonly onProgress: (text: string) => void;
    /** Do not fetch an image that is not here: tell where it can be read. */
    readonly isDry?: boolean;
  },
) => Promise<{
  /** The manifest in the store, of the platform asked for. */
  readonly manifest: Descriptor;
  /** What its registry calls the image. */
  readonly digest?: Digest | undefined;
  /** Where manifest and config are, when they are not in the store. */
  readonly from?: Fetcher;
}>;
