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
import { openRepository } from "../../registry/client/repository.ts";
import type { PushOptions } from "../engine.ts";
import type { TransferProgress } from "../types/image.ts";
import { EarlyLayers } from "./early-layers.ts";
import type { ImageHost } from "./image-host.ts";
import { LayerProgress } from "./layer-progress.ts";
import { registryConfig, rememberDigest } from "./pull.ts";
import { reportWarnings } from "./registry-warnings.ts";

type Report = (line: TransferProgress) => void;

/** Pushes one tag. Tells `report` as Docker does. */
export async function pushImage(
  host: ImageHost,
  text: string,
  options: CallOptions & PushOptions,
  report: Report,
): Promise<void> {
  const reference = parseReference(text);
  report({ status: `The push refers to repository [${repositoryName(reference)}]` });
  await pushTag(host, withDefaultTag(reference), options, report);
}

function noImage(reference: Reference): SlipwayError {
  return new SlipwayError(
    "not_found",
    `An image does not exist locally with the tag: ${familiarName(reference)}`,
  );
}

async function pushTag(
  host: ImageHost,
  reference: Reference,
  options: CallOptions & PushOptions,
  print: Report,
): Promise<void> {
  const { signal } = options;
  const { report, onWarning } = reportWarnings(print);
  const tagged = host.images.records.tag(canonicalString(reference));
  if (tagged === undefined) throw noImage(reference);
  using lease = host.leases.create("push");
  const layers = new LayerProgress(report, "Push");
  const onProgress = (progress: CopyProgress): void => layers.copied(progress);
  const repository = openRepository(reference, { ...registryConfig(host, options.auth), onWarning });
  await using early = new EarlyLayers(host.images, repository, { signal, onProgress });
  const manifest = await host.compressor.forPush(tagged.target, {
    lease,
    signal,
    compression: options.compression ?? host.pushCompression,
    onLayer: (layer) => early.send(layer),
  });
  const tag = reference.tag ?? "latest";
  await early.all();
  await copy(host.images, manifest, repository, tag, { signal, onProgress });
  rememberDigest(host, `${repositoryName(reference)}@${manifest.digest}`, tagged.image);
  host.collectSoon();
  report({ status: `${tag}: digest: ${manifest.digest} size: ${manifest.size}` });
  report({ aux: { Tag: tag, Digest: manifest.digest, Size: manifest.size } });
  host.events.publish("image", "push", familiarName(reference), { name: familiarName(reference) });
}
