import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { writeBytes } from "../../content/write-blob.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestOf, type Digest } from "../../oci/digest.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import type { Manifest } from "../../oci/manifest.ts";
import { mediaTypes, type Compression } from "../../oci/media-types.ts";
import { hostPlatform, type Platform } from "../../oci/platform.ts";
import { smallTar } from "./small-tar.ts";

export interface RandomImage {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** The image ID. */
  readonly id: Digest;
}

export interface RandomImageOptions {
  /** How many layers. Default 2. */
  readonly layers?: number;
  /** Random bytes in each layer's one file. Default 1000. */
  readonly size?: number;
  readonly compression?: Exclude<Compression, "zstd">;
  readonly platform?: Platform;
}

/** Writes an image of random files into `store`: each layer is a tar with one file `layer-<n>`. For tests. */
export async function randomImage(
  store: ContentStore,
  options: RandomImageOptions = {},
): Promise<RandomImage> {
  const layers: Descriptor[] = [];
  const diffIDs: string[] = [];
  for (let at = 0; at < (options.layers ?? 2); at += 1) {
    const tar = smallTar([{ name: `layer-${at}`, content: randomBytes(options.size ?? 1000) }]);
    diffIDs.push(digestOf(tar));
    layers.push(await writeLayer(store, tar, options.compression ?? "gzip"));
  }
  const { os, architecture } = options.platform ?? hostPlatform();
  const config: ImageConfig = {
    created: "2024-01-02T03:04:05Z",
    architecture,
    os,
    config: { Cmd: ["/layer-0"], Labels: { salt: randomBytes(8).toString("hex") } },
    rootfs: { type: "layers", diff_ids: diffIDs },
    history: diffIDs.map((_, at) => ({ created: "2024-01-02T03:04:05Z", created_by: `layer ${at}` })),
  };
  return await writeImage(store, config, layers);
}

/** Writes config and manifest. */
export async function writeImage(
  store: ContentStore,
  config: ImageConfig,
  layers: readonly Descriptor[],
): Promise<RandomImage> {
  const configDescriptor = await writeJSON(store, mediaTypes.ociConfig, config);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: configDescriptor,
    layers,
  };
  const descriptor = await writeJSON(store, mediaTypes.ociManifest, manifest);
  return { descriptor, manifest, config, id: configDescriptor.digest };
}

/** An index over images of several platforms. */
export async function writeIndex(
  store: ContentStore,
  images: readonly { image: RandomImage; platform: Platform }[],
): Promise<Descriptor> {
  const manifests = images.map(({ image, platform }) => ({ ...image.descriptor, platform }));
  return await writeJSON(store, mediaTypes.ociIndex, {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests,
  });
}

async function writeJSON(store: ContentStore, mediaType: string, document: object): Promise<Descriptor> {
  return await writeBytes(store, mediaType, Buffer.from(JSON.stringify(document)));
}

async function writeLayer(
  store: ContentStore,
  tar: Uint8Array,
  compression: Exclude<Compression, "zstd">,
): Promise<Descriptor> {
  if (compression === "none") return await writeBytes(store, mediaTypes.ociLayer, tar);
  return await writeBytes(store, mediaTypes.ociLayerGzip, gzipSync(tar));
}
