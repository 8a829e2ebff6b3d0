/** What a list says an image of it was made for, in the index's own names. */
export interface ManifestPlatform {
  architecture: string;
  os: string;
  "os.version"?: string;
  "os.features"?: string[];
  variant?: string;
}

/** An image of a manifest list. */
export interface ManifestListEntry {
  /** what it was added by, spelled out: `docker.io/library/app:amd64` */
  Ref: string;
  /** `registry`: taken from the repository of `Ref` at a push; `store`: an image of this store, by `Image` */
  Source: "registry" | "store";
  /** image ID, of a `store` entry */
  Image?: string;
  Descriptor: { mediaType: string; digest: string; size: number; platform: ManifestPlatform };
  /** the manifest's own bytes, base64 */
  Raw: string;
}

/** A manifest list that is being put together. */
export interface ManifestList {
  /** `docker.io/library/app:latest` */
  Name: string;
  Entries: ManifestListEntry[];
  /** the index that a push would send, base64 */
  Raw: string;
}

/** What a push sent. */
export interface PushedManifestList {
  /** digest of the index */
  Digest: string;
  /** manifests that were not in its repository yet */
  Pushed: { Ref: string; Digest: string }[];
}
