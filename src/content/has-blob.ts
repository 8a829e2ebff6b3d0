import { isCode } from "../errors.ts";
import type { ContentStore } from "../oci/content.ts";
import type { Digest } from "../oci/digest.ts";

/** Whether the store has the whole blob. */
export async function hasBlob(store: Pick<ContentStore, "info">, digest: Digest): Promise<boolean> {
  try {
    await store.info(digest);
    return true;
  } catch (error) {
    if (isCode(error, "not_found")) return false;
    throw error;
  }
}
