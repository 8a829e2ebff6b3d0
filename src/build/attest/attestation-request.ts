/** What is to be said of a build beside its images (Docker documentation, "Build attestations"). */
export interface AttestationRequest {
  readonly provenance?: ProvenanceRequest;
  /** The packages in the image, as SPDX. */
  readonly sbom?: boolean;
}

export interface ProvenanceRequest {
  /** `max`: with build arguments, the Dockerfile and each step. */
  readonly mode: "min" | "max";
  /** Of SLSA's predicate. */
  readonly version: "v0.2" | "v1";
  /** Who built, as an address. */
  readonly builderId?: string;
}
