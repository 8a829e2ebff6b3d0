import { copyAndUnpack } from "../../image/copy-and-unpack.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { hostPlatform, parsePlatform } from "../../oci/platform.ts";
import {
  canonicalString,
  familiarName,
  parseReference,
  pullReference,
  repositoryName,
  type Reference,
} from "../../oci/reference.ts";
import { openRepository } from "../../registry/client/repository.ts";
import type { PullOptions } from "../engine.ts";
import type { RegistryAuth, TransferProgress } from "../types/image.ts";
import type { ImageHost } from "./image-host.ts";
import { LayerProgress } from "./layer-progress.ts";
import { reportWarnings } from "./registry-warnings.ts";

type Report = (line: TransferProgress) => void;

/**
 * Pulls one image, or every tag of a repository, and unpacks it. The name moves when all of it is unpacked. Tells
 * `report` as Docker does.
 */
export async function pullImages(
  host: ImageHost,
  text: string,
  options: CallOptions & PullOptions,
  print: Report,
): Promise<void> {
  const reference = parseReference(text);
  const { report, onWarning } = reportWarnings(print);
  const repository = openRepository(reference, { ...registryConfig(host, options.auth), onWarning });
  if (!options.allTags) return await pullOne(host, pullReference(reference), repository, options, report);
  for (const tag of await repository.tags({ signal: options.signal })) {
    await pullOne(host, { ...reference, tag }, repository, options, report);
  }
}

async function pullOne(
  host: ImageHost,
  reference: Reference,
  repository: ReturnType<typeof openRepository>,
  options: CallOptions & PullOptions,
  report: Report,
): Promise<void> {
  const { signal } = options;
  const wanted = reference.digest ?? reference.tag ?? "latest";
  using lease = host.leases.create("pull");
  // Before the first line, so that what is not there is an answer with a status of its own.
  const resolved = await repository.resolve(wanted, { signal });
  report({ id: wanted, status: `Pulling from ${reference.path}` });
  const before = await localTarget(host, reference);
  const layers = new LayerProgress(report, "Pull");
  const pulled = await copyAndUnpack(repository, resolved, host, canonicalString(reference), {
    lease,
    platform: options.platform ? parsePlatform(options.platform) : hostPlatform(),
    signal,
    onProgress: (progress) => layers.copied(progress),
    onUnpack: (step) => layers.unpacked(step),
  });
  rememberDigest(host, `${repositoryName(reference)}@${resolved.digest}`, pulled.id);
  host.collectSoon();
  reportEnd(host, reference, resolved, before?.digest === pulled.descriptor.digest, report);
}

/** An image that was removed by now has no use for its digest. */
export function rememberDigest({ images }: Pick<ImageHost, "images">, reference: string, id: Digest): void {
  if (images.records.get(id) !== undefined) images.addRepoDigest(reference, id);
}

async function localTarget(host: ImageHost, reference: Reference): Promise<Descriptor | undefined> {
  return host.images.records.tag(canonicalString(reference))?.target;
}

function reportEnd(
  host: ImageHost,
  reference: Reference,
  resolved: Descriptor,
  upToDate: boolean,
  report: Report,
): void {
  const name = `${familiarName(reference)}${reference.digest ? `@${reference.digest}` : `:${reference.tag ?? "latest"}`}`;
  report({ status: `Digest: ${resolved.digest}` });
  report({
    status: upToDate
      ? `Status: Image is up to date for ${name}`
      : `Status: Downloaded newer image for ${name}`,
  });
  host.events.publish("image", "pull", name, { name: familiarName(reference) });
}

/** The settings of the engine with the credentials of one call, which go to the reference's own registry alone. */
export function registryConfig(host: Pick<ImageHost, "registries">, auth: RegistryAuth | undefined) {
  if (auth === undefined) return host.registries;
  return { ...host.registries, credentials: () => auth };
}
