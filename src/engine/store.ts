import type { CallOptions } from "../oci/call-options.ts";
import type { RegistryAuth } from "./types/image.ts";
import type { DiskExplanation, StoreCheck } from "./types/disk.ts";
import type {
  ImageDiff,
  ImageFiles,
  ImageLayers,
  ImageManifests,
  ImageTree,
  MountedImage,
} from "./types/image-layers.ts";

/** Logins by the registry's host, for images that are not here. */
export interface StoreOptions extends CallOptions {
  auths?: Readonly<Record<string, RegistryAuth>>;
}

/**
 * Looks into images and into what lies on the disk: what Docker has no word for. `name` is as for `ImageService`; where
 * it says so, also `docker://NAME`, an image in its registry, which is read and not kept.
 */
export interface StoreService {
  /** The layers of an image (also remote), each with what is in it and what later layers hide. */
  layers(name: string, o?: StoreOptions): Promise<ImageLayers>;
  /** What each layer of an image (also remote) does to its files. */
  files(name: string, o?: StoreOptions): Promise<ImageFiles>;
  /** How image `b` differs from image `a`; each of them may be remote. */
  diff(a: string, b: string, o?: StoreOptions): Promise<ImageDiff>;
  /** Every image with the platforms it is here for. */
  trees(o?: CallOptions): Promise<ImageTree[]>;
  /** The manifest or index a name means in its registry; `local`, and for an image ID, in this store. */
  manifest(
    name: string,
    o?: StoreOptions & { local?: boolean; children?: boolean; insecure?: boolean },
  ): Promise<ImageManifests>;
  /** Makes an image's files seen, read-only, at a path of the engine's host. Idempotent; stays when the engine ends. */
  mount(name: string, o?: CallOptions): Promise<MountedImage>;
  /** Throws `not_found` when it is not mounted. */
  unmount(name: string, o?: CallOptions): Promise<void>;
  mounted(o?: CallOptions): Promise<MountedImage[]>;
  /** Every byte below the engine's root, by owner: the sum is what du(1) says. */
  explain(o?: CallOptions): Promise<DiskExplanation>;
  /**
   * Verifies every blob, record, snapshot and mount, and what is in them. `repair`: puts right what can be without loss.
   */
  check(o?: CallOptions & { repair?: boolean }): Promise<StoreCheck>;
}
