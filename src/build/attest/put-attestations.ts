import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { putDocument, type LayerParts } from "../image-layers.ts";
import type { Statement } from "./statement.ts";

const statementType = "application/vnd.in-toto+json";

/**
 * Stores statements about an image as BuildKit does: each a layer of a manifest for no platform, which stands in the index
 * beside the image's and names it. Returns the index's entry.
 */
export async function putAttestations(
  parts: Pick<LayerParts, "images" | "lease">,
  image: Descriptor,
  statements: readonly Statement[],
  options: CallOptions,
): Promise<Descriptor> {
  const layers: Descriptor[] = [];
  for (const one of statements) {
    const layer = await putDocument(parts, statementType, one, options);
    layers.push({ ...layer, annotations: { "in-toto.io/predicate-type": one.predicateType } });
  }
  const config = await putDocument(
    parts,
    mediaTypes.ociConfig,
    {
      architecture: "unknown",
      os: "unknown",
      config: {},
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    },
    options,
  );
  const document = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers };
  const manifest = await putDocument(parts, mediaTypes.ociManifest, document, options);
  return {
    ...manifest,
    annotations: {
      "vnd.docker.reference.digest": image.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    },
    platform: { architecture: "unknown", os: "unknown" },
  };
}
