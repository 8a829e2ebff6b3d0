import { isCode } from "../../errors.ts";
import { copy, type CopyOptions } from "../../image/copy.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Repository } from "../../registry/client/repository.ts";

/** Signing tools keep what belongs to a digest under tags made of it, too. */
const suffixes = ["sig", "att", "sbom"];

/**
 * Copies what refers to `subject`, and what refers to that: the referrers of distribution-spec 1.1, and the tags
 * `sha256-<hex>.sig`, `.att` and `.sbom` of signing tools.
 */
export async function copyReferrers(
  source: Repository,
  subject: Descriptor,
  target: Repository,
  options: CopyOptions,
): Promise<void> {
  const whole = { ...options, platform: undefined };
  const { signal } = options;
  for (const referrer of await source.referrers(subject.digest, { signal })) {
    await copy(source, referrer, target, undefined, whole);
    await copyReferrers(source, referrer, target, options);
  }
  for (const suffix of suffixes) {
    const tag = `${subject.digest.replace(":", "-")}.${suffix}`;
    const found = await orAbsent(() => source.resolve(tag, { signal }));
    if (found !== undefined) await copy(source, found, target, tag, whole);
  }
}

/** Undefined for what is not there. */
export async function orAbsent<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isCode(error, "not_found")) return undefined;
    throw error;
  }
}
