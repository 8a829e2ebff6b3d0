import type { CallOptions } from "../oci/call-options.ts";
import { checkBlobs } from "./check/check-blobs.ts";
import { checkImages } from "./check/check-images.ts";
import { checkLayers } from "./check/check-layers.ts";
import type { CheckParts } from "./check/check-parts.ts";
import { checkSnapshots } from "./check/check-snapshots.ts";
import type { Problem } from "./check/problem.ts";

export interface CheckStoreOptions extends CallOptions {
  /** Whether the files in a snapshot's directory are mounted somewhere. Default: none is. */
  readonly isMounted?: (directory: string) => boolean;
}

/**
 * Reads every blob, follows every record, and compares what is unpacked with what it was unpacked from. Yields each
 * thing that is wrong; changes nothing by itself. Repair a problem before asking for the next: what comes later then
 * builds on it.
 */
export async function* checkStore(
  parts: CheckParts,
  { signal, isMounted = () => false }: CheckStoreOptions = {},
): AsyncGenerator<Problem> {
  yield* checkBlobs(parts, { signal });
  yield* checkLayers(parts, { signal, isMounted });
  yield* checkSnapshots(parts);
  yield* checkImages(parts, { signal });
}
