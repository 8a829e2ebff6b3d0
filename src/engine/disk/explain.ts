import type { DiskBucket } from "../../image/listing/disk-usage.ts";
import type { ListRequest } from "../../image/listing/listing-tasks.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { isDigest } from "../../oci/digest.ts";
import { WorkerPool } from "../../platform/worker.ts";
import type { StoreParts } from "../store-parts.ts";
import type { DiskCategory, DiskCategoryUsage, DiskExplanation, DiskOwner } from "../types/disk.ts";
import { findOwners, type Owners } from "./owners.ts";

/** How deep the parts of the root are told apart. */
const depths = { content: 4, snapshots: 2, containers: 3, volumes: 2, "cache-mounts": 2, builds: 2 };

const freedBy: Record<DiskCategory, string> = {
  "image-layers": "slipway rmi IMAGE, slipway image prune -a",
  "build-cache": "slipway builder prune -a",
  containers: "slipway rm CONTAINER, slipway container prune",
  logs: "slipway rm CONTAINER",
  volumes: "slipway volume rm VOLUME, slipway volume prune",
  blobs: "slipway rmi IMAGE, slipway image prune -a",
  ingest: "",
  database: "",
  work: "",
  unreferenced: "slipway system check --repair",
  foreign: "rm, if it is nothing you need",
  engine: "",
};

/** Every byte below the root, by owner. Reads the whole tree's metadata, on a thread of its own; changes nothing. */
export async function explainDisk(parts: StoreParts, options: CallOptions = {}): Promise<DiskExplanation> {
  await using workers = new WorkerPool("src/image/listing/listing-worker.ts");
  const { root } = parts.config;
  const request: ListRequest = { op: "usage", directory: root, depths };
  const buckets = await workers.run<DiskBucket[]>(request, { signal: options.signal });
  return explanation(root, buckets, await findOwners(parts));
}

/** Pure. */
export function explanation(root: string, buckets: readonly DiskBucket[], owners: Owners): DiskExplanation {
  const categories = new Map<DiskCategory, Map<string, DiskOwner>>();
  for (const bucket of buckets) {
    const { category, owner } = placeOf(bucket.path, owners);
    const found = categories.get(category) ?? new Map<string, DiskOwner>();
    categories.set(category, found);
    const sums = found.get(owner) ?? { Owner: owner, Bytes: 0, Inodes: 0 };
    found.set(owner, sums);
    sums.Bytes += bucket.bytes;
    sums.Inodes += bucket.inodes;
  }
  const list = Array.from(categories, ([category, found]) => categoryUsage(category, [...found.values()]));
  return {
    Root: root,
    Total: sum(list, "Bytes"),
    Inodes: sum(list, "Inodes"),
    Categories: list.sort(bySize),
  };
}

function categoryUsage(category: DiskCategory, owners: DiskOwner[]): DiskCategoryUsage {
  return {
    Category: category,
    Bytes: sum(owners, "Bytes"),
    Inodes: sum(owners, "Inodes"),
    FreedBy: freedBy[category],
    Owners: owners.sort(bySize),
  };
}

function sum(items: readonly { Bytes: number; Inodes: number }[], field: "Bytes" | "Inodes"): number {
  return items.reduce((total, item) => total + item[field], 0);
}

function bySize(a: { Bytes: number }, b: { Bytes: number }): number {
  return b.Bytes - a.Bytes;
}

interface Place {
  readonly category: DiskCategory;
  readonly owner: string;
}

function placeOf(path: string, owners: Owners): Place {
  const [first = "", second, third, fourth] = path.split("/");
  if (second === undefined) return topLevel(first);
  switch (first) {
    case "content":
      return second === "ingest" ? ingest(third) : blob(third, fourth, owners);
    case "snapshots":
      return snapshot(second, owners);
    case "containers":
      return container(second, third, owners);
    case "volumes":
      return { category: "volumes", owner: second };
    case "cache-mounts":
      return { category: "build-cache", owner: "cache mounts" };
    case "builds":
      return { category: "work", owner: "contexts of builds" };
    case "mount-points":
      return { category: "engine", owner: "directories" };
    // What fsck has found, where the root is a file system of its own.
    case "lost+found":
      return topLevel(first);
    default:
      return { category: "foreign", owner: first };
  }
}

const directories = [
  "",
  "content",
  "snapshots",
  "containers",
  "volumes",
  "cache-mounts",
  "builds",
  "mount-points",
  "lock",
  "engine-id",
  "lost+found",
];

function topLevel(name: string): Place {
  if (/^state\.db(-wal|-shm|-reserve)?$/.test(name)) return { category: "database", owner: name };
  if (name.startsWith("engine.log")) return { category: "logs", owner: "engine" };
  if (/^events\.log(\.1)?$/.test(name)) return { category: "logs", owner: "events" };
  if (directories.includes(name))
    return { category: "engine", owner: name === "lock" ? name : "directories" };
  return { category: "foreign", owner: name };
}

function ingest(name: string | undefined): Place {
  if (name === undefined) return { category: "engine", owner: "directories" };
  return { category: "ingest", owner: "downloads and writes that go on, or can be resumed" };
}

function blob(algorithm: string | undefined, hex: string | undefined, owners: Owners): Place {
  if (hex === undefined) return { category: "engine", owner: "directories" };
  const digest = `${algorithm}:${hex}`;
  const images = isDigest(digest) ? owners.imagesOfBlob.get(digest) : undefined;
  if (images === undefined) return { category: "unreferenced", owner: "blobs" };
  return { category: "blobs", owner: shared(images) };
}

function snapshot(id: string, owners: Owners): Place {
  if (!/^\d+$/.test(id)) return { category: "foreign", owner: `snapshots/${id}` };
  const found = owners.snapshots.get(id);
  if (found === undefined) return { category: "unreferenced", owner: "snapshots" };
  const images = owners.imagesOfSnapshot.get(found.key);
  if (images !== undefined) return { category: "image-layers", owner: shared(images) };
  if (owners.cached.has(found.key)) return { category: "build-cache", owner: "steps" };
  const name = owners.containers.get(found.key);
  if (name !== undefined) return { category: "containers", owner: name };
  if (found.kind === "committed") return { category: "unreferenced", owner: "snapshots" };
  return { category: "work", owner: "pulls, builds and looks into layers that go on" };
}

/** Log files apart, for they alone grow without an end. */
function container(id: string, file: string | undefined, owners: Owners): Place {
  const name = owners.containers.get(id);
  if (name === undefined) return { category: "unreferenced", owner: "containers" };
  const isLog = file?.startsWith("container.log") === true;
  return { category: isLog ? "logs" : "containers", owner: name };
}

function shared(images: ReadonlySet<string>): string {
  const names = [...images].sort();
  return names.length === 1 ? (names[0] ?? "") : `shared by ${names.join(", ")}`;
}
