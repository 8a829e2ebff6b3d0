import type { FileContentStore } from "../content/file-content-store.ts";
import type { Leases } from "../state/leases.ts";

const keepFor = 24 * 60 * 60 * 1000;

/**
 * At the start of an engine, before anything is in flight: no lease of an earlier run holds anything, and of its
 * unfinished writes only downloads of the last day stay, to be resumed. Call {@link collectGarbage} once containers
 * and build cache are known: it removes what a crash left without a record.
 */
export async function cleanStart(
  parts: { readonly leases: Leases; readonly content: Pick<FileContentStore, "dropIngests"> },
  now: Date,
): Promise<void> {
  parts.leases.clear();
  await parts.content.dropIngests(
    ({ ref, changedAt }) => ref.startsWith("blob/") && now.getTime() - changedAt.getTime() < keepFor,
  );
}
