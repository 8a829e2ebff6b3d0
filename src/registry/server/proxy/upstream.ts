import type { CallOptions } from "../../../oci/call-options.ts";
import type { BlobReader } from "../../../oci/content.ts";
import type { Descriptor } from "../../../oci/descriptor.ts";
import type { Digest } from "../../../oci/digest.ts";

/**
 * A repository of another registry, as the cache needs it; the client's `Repository` is one. All throw `not_found`
 * for what is not there, or is kept from us.
 */
export interface Upstream {
  resolve(ref: string, options?: CallOptions): Promise<Descriptor>;
  /** A blob as it arrives, verified: throws `data_loss` at its end when it is not what was asked for. */
  fetch(desc: Descriptor, options?: CallOptions): Promise<BlobReader>;
  /** Bytes of a blob. */
  blobSize(digest: Digest, options?: CallOptions): Promise<number>;
  tags(options?: CallOptions): Promise<string[]>;
  referrers(subject: Digest, options?: CallOptions): Promise<Descriptor[]>;
}

/** The upstream a repository of this registry stands for; undefined for one that is only ours. */
export type FindUpstream = (repository: string) => Upstream | undefined;

export interface ProxyRule {
  /** First part of the repositories' names here: `hub`, or empty for all that no other rule takes. */
  readonly prefix: string;
  /** The registry: `docker.io`, `quay.io`, `10.0.0.1:5000`. */
  readonly registry: string;
}

/** The rule with the longest prefix of `repository`, and the repository's name upstream. */
export function matchUpstream<R extends ProxyRule>(
  rules: readonly R[],
  repository: string,
): { rule: R; path: string } | undefined {
  const fits = ({ prefix }: R): boolean => prefix === "" || repository.startsWith(`${prefix}/`);
  const [rule] = rules.filter(fits).sort((a, b) => b.prefix.length - a.prefix.length);
  if (rule === undefined) return undefined;
  const path = rule.prefix === "" ? repository : repository.slice(rule.prefix.length + 1);
  const official = rule.registry === "docker.io" && !path.includes("/");
  return { rule, path: official ? `library/${path}` : path };
}
