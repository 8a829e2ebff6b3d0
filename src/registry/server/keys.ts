import { splitDigest, type Digest } from "../../oci/digest.ts";

/**
 * The layout of a registry's storage. Blobs are kept once; a repository holds links to those it may serve. No
 * repository name has a component that starts with `_`, so the folders below never meet one.
 */
export const keys = {
  repositories: "repositories",
  /** A blob or manifest, by content. */
  blob: (digest: Digest): string => {
    const { algorithm, hex } = splitDigest(digest);
    return `blobs/${algorithm}/${hex.slice(0, 2)}/${hex}`;
  },
  /** Present when the repository has the blob. Empty. */
  blobLink: (repository: string, digest: Digest): string =>
    `repositories/${repository}/_blobs/${path(digest)}`,
  /** Present when the repository has the manifest. Holds its media type. */
  manifestLink: (repository: string, digest: Digest): string =>
    `repositories/${repository}/_manifests/${path(digest)}`,
  manifests: (repository: string): string => `repositories/${repository}/_manifests`,
  tags: (repository: string): string => `repositories/${repository}/_tags`,
  /** Holds the digest the tag names. */
  tag: (repository: string, tag: string): string => `repositories/${repository}/_tags/${tag}`,
  /** Holds the digest an upstream gave for the tag; a tag with another one was pushed here. */
  proxied: (repository: string, tag: string): string => `repositories/${repository}/_proxied/${tag}`,
  referrers: (repository: string, subject: Digest): string =>
    `repositories/${repository}/_referrers/${path(subject)}`,
  /** Holds the descriptor of a manifest whose subject is `subject`. */
  referrer: (repository: string, subject: Digest, digest: Digest): string =>
    `repositories/${repository}/_referrers/${path(subject)}/${digest.replace(":", "-")}`,
  blobLinks: (repository: string): string => `repositories/${repository}/_blobs`,
  blobs: "blobs",
  /** Blobs on their way out: the collector looks once more before it lets them go. */
  condemned: "condemned",
  condemnedBlob: (digest: Digest): string => `condemned/${digest.replace(":", "-")}`,
  /** A tag that is being taken away, under a random name. */
  condemnedTag: (id: string): string => `condemned-tags/${id}`,
  /** Blobs that are not what their name says. */
  quarantine: (digest: Digest): string => `quarantine/${digest.replace(":", "-")}`,
  uploads: (repository: string): string => `repositories/${repository}/_uploads`,
  /** The bytes of an upload so far. */
  upload: (repository: string, id: string): string => `repositories/${repository}/_uploads/${id}`,
};

function path(digest: Digest): string {
  const { algorithm, hex } = splitDigest(digest);
  return `${algorithm}/${hex}`;
}
