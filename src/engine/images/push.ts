import { copy, type CopyProgress } from "../../image/copy.ts";
import { SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import {
  canonicalString,
  familiarName,
  parseReference,
  repositoryName,
  withDefaultTag,
  type Reference,
} from "../../oci/reference.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { openRepository } from "../../registry/client/repository.ts";
import type { PushOptions } from "../engine.ts";
import type { TransferProgress } from "../types/image.ts";
import { EarlyLayers } from "./early-layers.ts";
import type { ImageHost } from "./image-host.ts";
import { LayerProgress } from "./layer-progress.ts";
import { registryConfig, rememberDigest } from "./pull.ts";
import { reportWarnings } from "./registry-warnings.ts";

type Report = (line: TransferProgress) => void;

/** Pushes one tag, or an image by its digest alone. Tells `report` as Docker does. */
export async function pushImage(
  host: ImageHost,
  text: string,
  options: CallOptions & PushOptions,
  report: Report,
): Promise<void> {
  const reference = parseReference(text);
  report({ status: `The push refers to repository [${repositoryName(reference)}]` });
  if (options.image === undefined) {
    const tagged = withDefaultTag(reference);
    const found = host.images.records.tag(canonicalString(tagged));
    if (found === undefined) throw noImage(tagged);
    const { target, image } = found;
    const pushed = { reference: tagged, tag: tagged.tag ?? "latest", target, image };
    return await pushTarget(host, pushed, options, report);
  }
  const target = await host.images.resolve(options.image);
  const image = host.images.get(options.image).id;
  await pushTarget(host, { reference, tag: undefined, target, image }, options, report);
}

interface Pushed {
  readonly reference: Reference;
  /** Undefined: nothing names it there but its digest. */
  readonly tag: string | undefined;
  readonly target: Descriptor;
  readonly image: Digest;
}

function noImage(reference: Reference): SlipwayError {
  return new SlipwayError(
    "not_found",
    `An image does not exist locally with the tag: ${familiarName(reference)}`,
  );
}

async function pushTarget(
  host: ImageHost,
  { reference, tag, target, image }: Pushed,
  options: CallOptions & PushOptions,
  print: Report,
): Promise<void> {
  const { signal } = options;
  const { report, onWarning } = reportWarnings(print);
  using lease = host.leases.create("push");
  const layers = new LayerProgress(report, "Push");
  const onProgress = (progress: CopyProgress): void => layers.copied(progress);
  const repository = openRepository(reference, { ...registryConfig(host, options.auth), onWarning });
  await using early = new EarlyLayers(host.images, repository, { signal, onProgress });
  const manifest = await host.compressor.forPush(target, {
    lease,
    signal,
    compression: options.compression ?? host.pushCompression,
    onLayer: (layer) => early.send(layer),
  });
  await early.all();
  await copy(host.images, manifest, repository, tag ?? manifest.digest, { signal, onProgress });
  rememberDigest(host, `${repositoryName(reference)}@${manifest.digest}`, image);
  host.collectSoon();
  const shown = tag === undefined ? "" : `${tag}: `;
  report({ status: `${shown}digest: ${manifest.digest} size: ${manifest.size}` });
  report({ aux: { Tag: tag ?? "", Digest: manifest.digest, Size: manifest.size } });
  host.events.publish("image", "push", familiarName(reference), { name: familiarName(reference) });
}
