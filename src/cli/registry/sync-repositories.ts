import { errorMessage } from "../../errors.ts";
import { copy } from "../../image/copy.ts";
import { Limiter } from "../../internal/limiter.ts";
import type { Repository } from "../../registry/client/repository.ts";
import { copyReferrers, orAbsent } from "./copy-referrers.ts";

export interface SyncChange {
  readonly action: "copied" | "unchanged" | "deleted" | "failed";
  /** `team/app:v1`, or `team/app` when the whole repository failed. */
  readonly name: string;
  readonly digest?: string;
  readonly error?: string;
}

export interface SyncOptions {
  /** Which tags are kept equal. */
  readonly wanted: (tag: string) => boolean;
  /** Take from the target wanted tags that the source has not. */
  readonly remove: boolean;
  readonly referrers: boolean;
  /** Tell what would be done. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal | undefined;
  onChange(change: SyncChange): void;
}

/** How many tags are looked at, and copied, at once. */
const atOnce = 4;

/**
 * Makes the wanted tags of `target` those of `source`. A tag that fails is told of and does not stop the others; when
 * the source's tags cannot be listed, nothing is deleted. Idempotent.
 */
export async function syncRepository(
  name: string,
  source: Repository,
  target: Repository,
  options: SyncOptions,
): Promise<void> {
  const { signal, onChange } = options;
  const limiter = new Limiter(atOnce);
  const each = async (tags: readonly string[], work: (tag: string) => Promise<SyncChange>): Promise<void> => {
    const one = async (tag: string): Promise<void> =>
      onChange(await toldAs(`${name}:${tag}`, signal, () => work(tag)));
    await Promise.all(tags.map((tag) => limiter.run(() => one(tag))));
  };
  const failed = await failing(name, signal, async () => {
    const tags = (await source.tags({ signal })).filter(options.wanted);
    await each(tags, async (tag) => await syncTag(`${name}:${tag}`, tag, source, target, options));
    if (!options.remove) return;
    const there = (await orAbsent(() => target.tags({ signal }))) ?? [];
    const extra = there.filter((tag) => options.wanted(tag) && !tags.includes(tag));
    await each(extra, async (tag) => {
      if (!options.dryRun) await target.delete(tag, { signal });
      return { action: "deleted", name: `${name}:${tag}` };
    });
  });
  if (failed !== undefined) onChange(failed);
}

async function syncTag(
  name: string,
  tag: string,
  source: Repository,
  target: Repository,
  { signal, dryRun, referrers }: SyncOptions,
): Promise<SyncChange> {
  const [from, to] = await Promise.all([
    source.resolve(tag, { signal }),
    orAbsent(() => target.resolve(tag, { signal })),
  ]);
  const { digest } = from;
  const same = to?.digest === digest;
  if (!dryRun && !same) await copy(source, from, target, tag, { signal });
  if (!dryRun && referrers) await copyReferrers(source, from, target, { signal });
  return { action: same ? "unchanged" : "copied", name, digest };
}

async function toldAs(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<SyncChange>,
): Promise<SyncChange> {
  let change: SyncChange | undefined;
  const failed = await failing(name, signal, async () => void (change = await work()));
  return failed ?? change ?? { action: "failed", name };
}

/** The change that tells of the failure of `work`, if it fails. Throws when it was told to stop. */
async function failing(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<void>,
): Promise<SyncChange | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    return { action: "failed", name, error: errorMessage(error) };
  }
}
