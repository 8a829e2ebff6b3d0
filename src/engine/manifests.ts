import type { CallOptions } from "../oci/call-options.ts";
import type { RegistryAuth } from "./types/image.ts";
import type { ManifestList, ManifestPlatform, PushedManifestList } from "./types/manifest-list.ts";

export interface ManifestListOptions extends CallOptions {
  /** Logins by the registry's host. */
  auths?: Readonly<Record<string, RegistryAuth>>;
  /** The registries of the call may speak plain HTTP, and their certificates are not checked. */
  insecure?: boolean;
}

/**
 * Manifest lists that are put together here and pushed as an index. `list` and `image` are references. A list is kept
 * until it is removed; nothing is in a registry before `push`.
 */
export interface ManifestListService {
  /**
   * Makes a list of images. Each is looked up in its registry, then in this store; `local`: in this store first. An index brings
   * every image it lists. Throws `conflict` when the list is there, unless `amend`, which adds to it.
   */
  create(
    list: string,
    images: readonly string[],
    o?: ManifestListOptions & { amend?: boolean; local?: boolean },
  ): Promise<ManifestList>;
  /** Throws `not_found`. */
  get(list: string, o?: CallOptions): Promise<ManifestList>;
  /** Says what an image of the list was made for; what is left out stays. Throws `not_found`, `invalid_argument`. */
  annotate(
    list: string,
    image: string,
    platform: Partial<ManifestPlatform>,
    o?: CallOptions,
  ): Promise<ManifestList>;
  /** Sends what the repository lacks of the images, then the index. `purge`: removes the list afterwards. */
  push(list: string, o?: ManifestListOptions & { purge?: boolean }): Promise<PushedManifestList>;
  /** Throws `not_found`. */
  remove(list: string, o?: CallOptions): Promise<void>;
}
