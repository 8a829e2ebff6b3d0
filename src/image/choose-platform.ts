import { readBlob } from "../content/read-blob.ts";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Fetcher } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isIndexType } from "../oci/media-types.ts";
import { parseIndex } from "../oci/parse-manifest.ts";
import { selectManifest } from "../oci/platform-match.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";

/** Indexes may hold indexes, but not without end. */
const maxDepth = 4;

/**
 * The manifest for `platform` that `desc` leads to; `desc` itself when it is no index or no platform is asked for.
 * Throws `not_found` when the index has none, with Docker's words.
 */
export async function choosePlatform(
  from: Fetcher,
  desc: Descriptor,
  platform: Platform | undefined,
  options?: CallOptions,
): Promise<Descriptor> {
  if (platform === undefined) return desc;
  let chosen = desc;
  for (let depth = 0; isIndexType(chosen.mediaType); depth += 1) {
    const bytes = await readBlob(from, chosen, { signal: options?.signal });
    const next = selectManifest(parseIndex(bytes).manifests, platform);
    if (next === undefined || depth === maxDepth) {
      const what = `no matching manifest for ${formatPlatform(platform)} in the manifest list entries`;
      throw new SlipwayError("not_found", what);
    }
    chosen = next;
  }
  return chosen;
}
