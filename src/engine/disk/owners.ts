import { markImages } from "../../image/mark.ts";
import { imageLabel } from "../../image/image-label.ts";
import type { ImageRecord } from "../../image/image-records.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ContainerRecord } from "../containers/record.ts";
import type { StoreParts } from "../store-parts.ts";

/** Who needs which snapshot and blob. Names are those a person knows. */
export interface Owners {
  /** by the snapshot's key: names of images whose layers it holds */
  readonly imagesOfSnapshot: ReadonlyMap<string, ReadonlySet<string>>;
  /** by digest */
  readonly imagesOfBlob: ReadonlyMap<Digest, ReadonlySet<string>>;
  /** keys that a step of the build cache stands for, with their parents */
  readonly cached: ReadonlySet<string>;
  /** by container ID */
  readonly containers: ReadonlyMap<string, string>;
  /** by the number of its directory */
  readonly snapshots: ReadonlyMap<string, SnapshotOwner>;
}

export interface SnapshotOwner {
  readonly key: string;
  readonly kind: string;
}

/** Follows every record. Changes nothing. */
export async function findOwners(parts: StoreParts): Promise<Owners> {
  const { stores, host } = parts;
  const parents = new Map<string, string | undefined>();
  for await (const { key, parent } of stores.snapshotter.list()) parents.set(key, parent);
  const imagesOfSnapshot = new Map<string, Set<string>>();
  const imagesOfBlob = new Map<Digest, Set<string>>();
  for (const image of stores.images.records.list()) {
    const name = imageLabel(stores.images.records, image);
    const marked = await markOne(parts, image);
    for (const key of marked.snapshots) addWithParents(imagesOfSnapshot, key, parents, name);
    for (const digest of marked.blobs) add(imagesOfBlob, digest, name);
  }
  const cached = new Map<string, Set<string>>();
  for (const key of stores.buildCache.snapshots()) addWithParents(cached, key, parents, "");
  const containers = new Map(host.store.all().map((record) => [record.id, containerName(record)]));
  return {
    imagesOfSnapshot,
    imagesOfBlob,
    cached: new Set(cached.keys()),
    containers,
    snapshots: snapshotDirectories(parts),
  };
}

function containerName({ id, name }: ContainerRecord): string {
  return `${name} (${id.slice(0, 12)})`;
}

/** What one image needs, its tags' targets included. */
async function markOne({ stores }: StoreParts, image: ImageRecord) {
  const { images, content, layers, compressed } = stores;
  const tags = images.records.tagsOf(image.id);
  const records = { list: () => [image], tags: () => tags };
  return await markImages({ content, layers, compressed, records });
}

function snapshotDirectories({ stores }: StoreParts): Map<string, SnapshotOwner> {
  const rows = stores.state.db.all<{ id: number; key: string; kind: string }>(
    "SELECT id, key, kind FROM snapshots",
  );
  return new Map(rows.map(({ id, key, kind }) => [String(id), { key, kind }]));
}

function addWithParents(
  found: Map<string, Set<string>>,
  key: string,
  parents: ReadonlyMap<string, string | undefined>,
  name: string,
): void {
  for (let at: string | undefined = key; at !== undefined; at = parents.get(at)) {
    if (found.get(at)?.has(name) === true) return;
    add(found, at, name);
  }
}

function add<K>(found: Map<K, Set<string>>, key: K, name: string): void {
  const names = found.get(key);
  if (names === undefined) found.set(key, new Set([name]));
  else names.add(name);
}
