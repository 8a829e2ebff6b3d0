import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { passingNames } from "../builder.ts";
import type { LayerParts } from "../image-layers.ts";
import { openView, type RootSource } from "../step-root.ts";
import type { AttestationRequest } from "./attestation-request.ts";
import { provenance, type BuildFacts } from "./provenance.ts";
import { putAttestations } from "./put-attestations.ts";
import { scanPackages } from "./scan-packages.ts";
import { spdxDocument, type FoundPackage } from "./spdx.ts";
import { statement, type Statement, type Subject } from "./statement.ts";

/** One image to be told about. */
export interface AttestedImage {
  readonly manifest: Descriptor;
  /** Its filesystem; undefined for an image without layers. */
  readonly snapshot: string | undefined;
  readonly facts: BuildFacts;
  /** This program's. */
  readonly version: string;
}

/**
 * What a build was asked to say of an image, as an entry of its index: SLSA's provenance, and the packages in it as SPDX.
 * The manifest is what will be pushed: statements name its digest.
 */
export async function attestImage(
  parts: Pick<LayerParts, "images" | "lease"> & RootSource,
  image: AttestedImage,
  asked: AttestationRequest,
  options: CallOptions,
): Promise<Descriptor> {
  const { facts, manifest } = image;
  const { request, platform } = facts;
  const names = (request.tags ?? []).filter((name) => !name.startsWith(passingNames));
  const subject: Subject = { digest: manifest.digest, platform, names };
  const statements: Statement[] = [];
  if (asked.sbom === true) {
    const packages = await packagesOf(parts, image.snapshot, options);
    const about = { name: names[0] ?? "image", createdAt: facts.finishedAt, version: image.version };
    statements.push(statement("https://spdx.dev/Document", spdxDocument(packages, about), subject));
  }
  if (asked.provenance !== undefined) {
    const { type, predicate } = provenance(facts, asked.provenance);
    statements.push(statement(type, predicate, subject));
  }
  return await putAttestations(parts, manifest, statements, options);
}

async function packagesOf(
  parts: RootSource,
  snapshot: string | undefined,
  { signal = new AbortController().signal }: CallOptions,
): Promise<FoundPackage[]> {
  if (snapshot === undefined) return [];
  await using view = await openView(parts, snapshot);
  return await scanPackages(view.path, signal);
}
