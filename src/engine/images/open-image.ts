import { choosePlatform } from "../../image/choose-platform.ts";
import { readImage } from "../../image/read-image.ts";
import { readBlob } from "../../content/read-blob.ts";
import { errorMessage, isCode, SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Fetcher } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest, DiffID } from "../../oci/digest.ts";
import { parseDiffID } from "../../oci/digest.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import type { Manifest } from "../../oci/manifest.ts";
import { parseImageConfig } from "../../oci/parse-image-config.ts";
import { parseManifest } from "../../oci/parse-manifest.ts";
import { hostPlatform } from "../../oci/platform.ts";
import { parseReference, pullReference } from "../../oci/reference.ts";
import { openRepository } from "../../registry/client/repository.ts";
import type { RegistryAuth } from "../types/image.ts";
import type { ImageHost } from "./image-host.ts";
import { registryConfig } from "./pull.ts";

/** Logins by the registry's host. */
export type Auths = Readonly<Record<string, RegistryAuth>>;

/** An image's documents, and where its blobs can be had: this store or its registry. */
export interface OpenedImage {
  readonly name: string;
  /** the config's digest */
  readonly id: Digest;
  readonly config: ImageConfig;
  readonly layers: readonly OpenedLayer[];
  readonly from: Fetcher;
}

export interface OpenedLayer {
  readonly diffID: DiffID;
  readonly blob: Descriptor;
  readonly createdBy: string;
  readonly created: string;
}

const remotePrefix = "docker://";

/**
 * The image `name` means here; when there is none, or for `docker://NAME`, in its registry, where only its documents
 * are read as yet. Throws `not_found`, and what the registry throws.
 */
export async function openImage(
  host: ImageHost,
  name: string,
  options: CallOptions & { auths?: Auths } = {},
): Promise<OpenedImage> {
  const { signal } = options;
  if (name.startsWith(remotePrefix)) return await openRemote(host, name.slice(remotePrefix.length), options);
  const record = localRecord(host, name);
  if (record === undefined) return await openMissing(host, name, options);
  const { manifest, config } = await readImage(host.content, record.manifest, { signal });
  return opened(name, manifest, config, host.images);
}

function localRecord(host: ImageHost, name: string): ReturnType<ImageHost["images"]["get"]> | undefined {
  try {
    return host.images.get(name);
  } catch (error) {
    if (isCode(error, "not_found") && !/^(sha256:)?[0-9a-f]{64}$/.test(name)) return undefined;
    throw error;
  }
}

async function openMissing(
  host: ImageHost,
  name: string,
  options: CallOptions & { auths?: Auths },
): Promise<OpenedImage> {
  try {
    return await openRemote(host, name, options);
  } catch (error) {
    if (isCode(error, "cancelled") || !(error instanceof SlipwayError)) throw error;
    const what = `No such image: ${name} (here; in its registry: ${errorMessage(error)})`;
    throw new SlipwayError("not_found", what, { cause: error });
  }
}

async function openRemote(
  host: ImageHost,
  name: string,
  { auths, signal }: CallOptions & { auths?: Auths },
): Promise<OpenedImage> {
  const reference = pullReference(parseReference(name));
  const repository = openRepository(reference, registryConfig(host, auths?.[reference.domain]));
  const resolved = await repository.resolve(reference.digest ?? reference.tag ?? "latest", { signal });
  const chosen = await choosePlatform(repository, resolved, hostPlatform(), { signal });
  const manifest = parseManifest(await readBlob(repository, chosen, { signal }));
  const config = parseImageConfig(await readBlob(repository, manifest.config, { signal }));
  return opened(name, manifest, config, repository);
}

function opened(name: string, manifest: Manifest, config: ImageConfig, from: Fetcher): OpenedImage {
  const steps = (config.history ?? []).filter((entry) => entry.empty_layer !== true);
  const diffIDs = config.rootfs.diff_ids.map(parseDiffID);
  if (diffIDs.length !== manifest.layers.length) {
    const counts = `${manifest.layers.length} layers in its manifest, ${diffIDs.length} in its config`;
    throw new SlipwayError("invalid_argument", `Invalid image "${name}": ${counts}`);
  }
  const layers = manifest.layers.flatMap((blob, at): OpenedLayer[] => {
    const diffID = diffIDs[at];
    const step = steps[at];
    const told = { createdBy: step?.created_by ?? "", created: step?.created ?? "" };
    return diffID === undefined ? [] : [{ diffID, blob, ...told }];
  });
  return { name, id: manifest.config.digest, config, layers, from };
}
