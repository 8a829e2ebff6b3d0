import { readBlob } from "../../content/read-blob.ts";
import { passingNames } from "../../build/builder.ts";
import { isCode, SlipwayError } from "../../errors.ts";
import { copyAndUnpack } from "../../image/copy-and-unpack.ts";
import { choosePlatform } from "../../image/choose-platform.ts";
import type { CacheRegistry } from "../../build/transfer/open-cache.ts";
import type { ResolveImage } from "../../build/resolve-image.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { parseImageConfig } from "../../oci/parse-image-config.ts";
import { parseManifest } from "../../oci/parse-manifest.ts";
import { platformDistance } from "../../oci/platform-match.ts";
import { formatPlatform, hostPlatform, type Platform } from "../../oci/platform.ts";
import { canonicalString, parseReference, pullReference, repositoryName } from "../../oci/reference.ts";
import { openRepository } from "../../registry/client/repository.ts";
import type { RegistryAuth } from "../types/image.ts";
import type { ImageHost } from "./image-host.ts";
import { pullImages, registryConfig, rememberDigest } from "./pull.ts";

type Auths = Readonly<Record<string, RegistryAuth>>;

/**
 * Finds a build's base in the store, or pulls it: when there is none for the platform, and always when the build asks
 * for it. A name of the store moves only to what this machine runs: what another platform needs comes without a name.
 */
export function baseImages(host: ImageHost, auths: Auths): ResolveImage {
  return async (reference, platform, options) => {
    const isPassing = reference.startsWith(passingNames);
    const stored =
      options.pull && !isPassing ? undefined : await storedImage(host, reference, platform, options);
    if (stored !== undefined) return found(host, reference, stored);
    if (isPassing)
      throw new SlipwayError(
        "not_found",
        `the image that was given for this build is not for ${formatPlatform(platform)}`,
      );
    const auth = authFor(auths, reference);
    if (options.isDry === true) return await remoteImage(host, reference, platform, { ...options, auth });
    if (platformDistance(hostPlatform(), platform) === undefined)
      return await pullForeign(host, reference, platform, { ...options, auth });
    const pullOptions = { signal: options.signal, platform: formatPlatform(platform) };
    await pullImages(host, reference, { ...pullOptions, ...(auth && { auth }) }, ({ id, status }) =>
      options.onProgress(`${id ?? ""} ${status ?? ""}`),
    );
    const tagged = await host.images.resolve(reference);
    return found(host, reference, await choosePlatform(host.images, tagged, platform));
  };
}

function found(host: ImageHost, reference: string, manifest: Descriptor): Awaited<ReturnType<ResolveImage>> {
  return { manifest, digest: host.images.records.tag(reference)?.target.digest };
}

/** What the name stands for, when that is made for the platform and all here. */
async function storedImage(
  host: ImageHost,
  reference: string,
  platform: Platform,
  { signal }: CallOptions,
): Promise<Descriptor | undefined> {
  try {
    const tagged = await host.images.resolve(reference);
    const manifest = await choosePlatform(host.images, tagged, platform, { signal });
    const document = parseManifest(await readBlob(host.content, manifest, { signal }));
    const config = parseImageConfig(await readBlob(host.content, document.config, { signal }));
    return platformDistance(platform, config) === undefined ? undefined : manifest;
  } catch (error) {
    if (isCode(error, "not_found")) return undefined;
    throw error;
  }
}

async function pullForeign(
  host: ImageHost,
  text: string,
  platform: Platform,
  options: Parameters<ResolveImage>[2] & { readonly auth: RegistryAuth | undefined },
): Promise<Awaited<ReturnType<ResolveImage>>> {
  const reference = pullReference(parseReference(text));
  const { signal, auth, onProgress } = options;
  const repository = openRepository(reference, registryConfig(host, auth));
  using lease = host.leases.create("pull");
  const resolved = await repository.resolve(reference.digest ?? reference.tag ?? "latest", { signal });
  const { descriptor, id } = await copyAndUnpack(repository, resolved, host, undefined, {
    lease,
    platform,
    signal,
    onUnpack: ({ layer, state }) => onProgress(`${layer.digest.slice(7, 19)} ${state}`),
  });
  rememberDigest(host, `${repositoryName(reference)}@${resolved.digest}`, id);
  return { manifest: descriptor, digest: resolved.digest };
}

/** Reads the registry; fetches no layer. */
async function remoteImage(
  host: ImageHost,
  text: string,
  platform: Platform,
  { signal, auth }: CallOptions & { readonly auth: RegistryAuth | undefined },
): Promise<Awaited<ReturnType<ResolveImage>>> {
  const reference = pullReference(parseReference(text));
  const from = openRepository(reference, registryConfig(host, auth));
  const resolved = await from.resolve(reference.digest ?? reference.tag ?? "latest", { signal });
  const manifest = await choosePlatform(from, resolved, platform, { signal });
  return { manifest, digest: resolved.digest, from };
}

/** The repositories that caches of builds are read from and written to. */
export function cacheRegistries(host: ImageHost, auths: Auths): CacheRegistry {
  return (text) => {
    const reference = pullReference(parseReference(text));
    const config = registryConfig(host, authFor(auths, canonicalString(reference)));
    return { target: openRepository(reference, config), tag: reference.digest ?? reference.tag ?? "latest" };
  };
}

/** By the registry's domain, or by Docker's old name of its own registry. */
export function authFor(auths: Auths, reference: string): RegistryAuth | undefined {
  const domain = reference.split("/", 1)[0] ?? "";
  return auths[domain] ?? (domain === "docker.io" ? auths["https://index.docker.io/v1/"] : undefined);
}
