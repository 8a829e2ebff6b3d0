import type { Descriptor } from "../oci/descriptor.ts";
import type { StoreOptions } from "./store.ts";

/** How a registry is reached. */
export interface RegistryOptions extends StoreOptions {
  /** It may speak plain HTTP, and its certificate is not checked. */
  insecure?: boolean;
}

export interface ReferrerList {
  /** What they refer to. */
  Subject: string;
  Referrers: Descriptor[];
}

/**
 * Looks into registries, with the engine's proxies, mirrors and certificates. Manifests are read by
 * `StoreService.manifest`. All throw what the registry throws: `not_found`, `unauthorized`, `unavailable`.
 */
export interface RegistryService {
  /** The repositories of the registry at `host` (`localhost:5000`), where it lists them. */
  repositories(host: string, o?: RegistryOptions): Promise<{ Repositories: string[] }>;
  /** The tags of a repository, in the registry's order. */
  tags(name: string, o?: RegistryOptions): Promise<{ Tags: string[] }>;
  /** The manifests that refer to the one a name means: signatures, SBOMs, attestations. */
  referrers(name: string, o?: RegistryOptions): Promise<ReferrerList>;
}
