import type { CallOptions } from "../oci/call-options.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";

/** Makes an image that a build names available in the image store: found there, or pulled. */
export type ResolveImage = (
  reference: string,
  platform: Platform,
  options: CallOptions & { readonly pull: boolean; readonly onProgress: (text: string) => void },
) => Promise<{
  /** The manifest in the store, of the platform asked for. */
  readonly manifest: Descriptor;
  /** What its registry calls the image. */
  readonly digest?: Digest | undefined;
}>;
