import type { Compression } from "../../oci/media-types.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ImageStore } from "../../image/image-store.ts";
import type { LayerStore } from "../../image/layer-store.ts";
import type { PushCompressor } from "../../image/push-compressor.ts";
import type { Unpacker } from "../../image/unpacker.ts";
import type { RegistryConfig } from "../../registry/client/registry-config.ts";
import type { Leases } from "../../state/leases.ts";
import type { Events } from "../events.ts";

/** What the verbs of images work with. One per engine. */
export interface ImageHost {
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly content: ContentStore;
  readonly unpacker: Unpacker;
  readonly compressor: PushCompressor;
  readonly leases: Leases;
  readonly events: Events;
  /** Mirrors, insecure registries, proxies, CA file: all but the credentials of a call. */
  readonly registries: Omit<RegistryConfig, "credentials">;
  /** Of layers that are compressed for a push. */
  readonly pushCompression: Exclude<Compression, "none">;
  /** Names, and IDs, of the containers made from an image. */
  readonly containersOf: (image: Digest) => readonly { readonly id: string; readonly running: boolean }[];
  /** Removes what no image, container or build needs any more. Resolves to the bytes freed. */
  readonly collect: () => Promise<number>;
  /** After a transfer: the collector looks at the disk in a moment. */
  readonly collectSoon: () => void;
}
