import { writeBytes } from "../../content/write-blob.ts";
import { SlipwayError } from "../../errors.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { JsonReader } from "../../oci/json-shape.ts";
import { isIndexType, isManifestType, mediaTypes } from "../../oci/media-types.ts";
import { maxManifestSize, parseIndex } from "../../oci/parse-manifest.ts";
import { canonicalString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import type { Lease } from "../../state/leases.ts";
import { layerTypes, type ArchivedFile, type ArchiveEntries } from "./archive-entries.ts";

/** An image of an archive and the canonical references it goes by, perhaps none. */
export interface ArchivedImage {
  readonly descriptor: Descriptor;
  readonly references: readonly string[];
}

/** Annotations of an `index.json`: the whole name, as containerd and Docker write it, and the tag. */
export const nameAnnotation = "io.containerd.image.name";
export const refAnnotation = "org.opencontainers.image.ref.name";

/**
 * The images of an archive. An OCI layout's `index.json` is preferred, for it keeps the manifests' own bytes; else
 * Docker's `manifest.json` is followed and a manifest is made for each image. Throws `invalid_argument`.
 */
export async function readArchive(
  entries: ArchiveEntries,
  content: ContentStore,
  lease: Lease,
): Promise<ArchivedImage[]> {
  const layout = readLayout(entries);
  if (layout.length > 0) return layout;
  const document = entries.documents.get("manifest.json");
  if (document === undefined) {
    const what = 'it has neither a "manifest.json" nor an "index.json" with images';
    const hint = '; the files of a root become an image with "import"';
    throw new SlipwayError("invalid_argument", `Invalid image archive: ${what}${hint}`);
  }
  const directory = await readDirectory(document, content, lease);
  if (directory !== undefined) return [directory];
  const items = jsonList(document).list(readItem);
  if (items.length === 0)
    throw new SlipwayError("invalid_argument", "Invalid image archive: it has no images");
  const images: ArchivedImage[] = [];
  for (const item of items) images.push(await dockerImage(item, entries, content, lease));
  return images;
}

/**
 * What skopeo and Podman write as `dir:` and `docker-dir`, packed: `manifest.json` is the image's own manifest or index,
 * and its blobs are files named by their digest. Undefined for Docker's `manifest.json`, which is a list.
 */
async function readDirectory(
  document: Uint8Array,
  content: ContentStore,
  lease: Lease,
): Promise<ArchivedImage | undefined> {
  if (Buffer.from(document).toString().trimStart().startsWith("[")) return undefined;
  const json = JsonReader.parse(document, "manifest.json", maxManifestSize);
  const kind = json.member("manifests").absent ? mediaTypes.ociManifest : mediaTypes.ociIndex;
  const mediaType = json.member("mediaType").absent ? kind : json.member("mediaType").string();
  if (!isManifestType(mediaType) && !isIndexType(mediaType))
    throw new SlipwayError("invalid_argument", `Invalid manifest.json: of unknown type "${mediaType}"`);
  const descriptor = await writeBytes(content, mediaType, document, (digest) => lease.add(`blob/${digest}`));
  return { descriptor, references: [] };
}

/** image-layout.md, "index.json File". Several entries may name one image. */
function readLayout(entries: ArchiveEntries): ArchivedImage[] {
  const document = entries.documents.get("index.json");
  if (document === undefined) return [];
  const images = new Map<string, { descriptor: Descriptor; references: string[] }>();
  for (const entry of parseIndex(document).manifests) {
    if (!isManifestType(entry.mediaType) && !isIndexType(entry.mediaType)) continue;
    const { mediaType, digest, size } = entry;
    const image = images.get(digest) ?? { descriptor: { mediaType, digest, size }, references: [] };
    const reference = referenceOf(entry);
    if (reference !== undefined) image.references.push(reference);
    images.set(digest, image);
  }
  return [...images.values()];
}

/** Many tools write a bare tag as the name, which alone names nothing. */
function referenceOf(entry: Descriptor): string | undefined {
  const name = entry.annotations?.[nameAnnotation] ?? entry.annotations?.[refAnnotation];
  return name !== undefined && /[/:]/.test(name) ? canonical(name) : undefined;
}

interface DockerItem {
  readonly config: string;
  readonly layers: readonly string[];
  readonly tags: readonly string[];
}

function jsonList(document: Uint8Array): JsonReader {
  try {
    return new JsonReader(JSON.parse(Buffer.from(document).toString()), "manifest.json");
  } catch (cause) {
    throw new SlipwayError("invalid_argument", "Invalid manifest.json: it is no JSON", { cause });
  }
}

function readItem(json: JsonReader): DockerItem {
  return {
    config: json.member("Config").string(),
    layers: json.member("Layers").list((item) => item.string()),
    tags: json.member("RepoTags").list((item) => item.string()),
  };
}

async function dockerImage(
  item: DockerItem,
  entries: ArchiveEntries,
  content: ContentStore,
  lease: Lease,
): Promise<ArchivedImage> {
  const find = (name: string): ArchivedFile => {
    const file = entries.file(name);
    if (file !== undefined) return file;
    throw new SlipwayError("invalid_argument", `Invalid image archive: file "${name}" is missing`);
  };
  const layers = item.layers.map((name) => {
    const { blob, compression } = find(name);
    return { ...blob, mediaType: layerTypes[compression] };
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { ...find(item.config).blob, mediaType: mediaTypes.ociConfig },
    layers,
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const descriptor = await writeBytes(content, mediaTypes.ociManifest, bytes, (digest) =>
    lease.add(`blob/${digest}`),
  );
  return { descriptor, references: item.tags.map(canonical) };
}

function canonical(name: string): string {
  return canonicalString(withDefaultTag(parseReference(name)));
}
