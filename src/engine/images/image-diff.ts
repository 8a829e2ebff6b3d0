import { configDiff } from "../../image/config-diff.ts";
import { LayerLister } from "../../image/listing/layer-lister.ts";
import { LayerTree, type TreeNode } from "../../image/listing/layer-tree.ts";
import type { LayerEntry } from "../../image/listing/layer-entry.ts";
import { filePairs, treeDiff, type TreeChange } from "../../image/listing/tree-diff.ts";
import { compareBytes } from "../../internal/byte-string.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { DiffID } from "../../oci/digest.ts";
import type {
  ImageConfigChange,
  ImageDiff,
  ImageDiffSide,
  ImageFileChange,
  ImageLine,
  ImageLineChanges,
} from "../types/image-layers.ts";
import { contentBytes, type ListingParts } from "./image-layers.ts";
import { openImage, type Auths, type OpenedImage } from "./open-image.ts";

/**
 * How image `b` differs from image `a`, each file with the line that made it so. Files are read only where nothing else
 * tells whether they differ; of a remote image only the layers are fetched that are not unpacked here, and nothing is
 * kept.
 */
export async function imageDiff(
  parts: ListingParts,
  a: string,
  b: string,
  options: CallOptions & { auths?: Auths } = {},
): Promise<ImageDiff> {
  const before = await openImage(parts.images, a, options);
  const after = await openImage(parts.images, b, options);
  const shared = sharedLayers(before, after);
  await using lister = new LayerLister(parts.stores);
  const listings: Side["listings"][] = [];
  for (const image of [before, after]) listings.push(await listAll(lister, image, options));
  const sideA = sideOf(before, listings[0] ?? []);
  const sideB = sideOf(after, listings[1] ?? []);
  await hashPairs(lister, sideA, sideB, shared, options);
  return diffDocument(sideA, sideB, shared);
}

async function listAll(
  lister: LayerLister,
  image: OpenedImage,
  { signal }: CallOptions,
): Promise<LayerEntry[][]> {
  const listings: LayerEntry[][] = [];
  for (const layer of image.layers) listings.push(await lister.list(layer, image.from, { signal }));
  return listings;
}

/** Hashes the files that only their content can tell apart. */
async function hashPairs(
  lister: LayerLister,
  a: Side,
  b: Side,
  shared: number,
  { signal }: CallOptions,
): Promise<void> {
  const wanted = new Map<DiffID, TreeNode[]>();
  for (const pair of filePairs(a.tree, b.tree, shared)) {
    for (const [node, { image }] of [[pair[0], a] as const, [pair[1], b] as const]) {
      const diffID = image.layers[node.layer]?.diffID;
      if (diffID === undefined || node.entry.sha256 !== undefined) continue;
      const nodes = wanted.get(diffID);
      if (nodes === undefined) wanted.set(diffID, [node]);
      else nodes.push(node);
    }
  }
  for (const [diffID, nodes] of wanted) {
    const paths = nodes.map(({ entry }) => entry.path);
    const hashes = await lister.hash(diffID, paths, { signal });
    for (const [at, node] of nodes.entries()) node.entry = { ...node.entry, sha256: hashes[at] ?? "" };
  }
}

/** How many layers from the bottom are the same. */
function sharedLayers(a: OpenedImage, b: OpenedImage): number {
  const differs = a.layers.findIndex(({ diffID }, at) => diffID !== b.layers[at]?.diffID);
  return differs < 0 ? a.layers.length : differs;
}

interface Side {
  readonly image: OpenedImage;
  readonly listings: readonly (readonly LayerEntry[])[];
  readonly tree: LayerTree;
}

function sideOf(image: OpenedImage, listings: Side["listings"]): Side {
  const tree = new LayerTree();
  for (const entries of listings) tree.add(entries);
  return { image, listings, tree };
}

/** Pure. */
function diffDocument(a: Side, b: Side, shared: number): ImageDiff {
  const lines = { A: linesOf("A", a.image), B: linesOf("B", b.image) };
  const changes = [...treeDiff(a.tree, b.tree, shared)].sort((one, other) =>
    compareBytes(one.path, other.path),
  );
  const files = changes.map((change) => fileDocument(change, lines));
  return {
    A: sideDocument(a),
    B: sideDocument(b),
    SharedLayers: shared,
    Added: total(changes, "added"),
    Changed: total(changes, "changed"),
    Removed: total(changes, "removed"),
    Config: configDiff(a.image.config, b.image.config).map(configDocument),
    Lines: lineDocuments(changes, lines),
    Files: files,
  };
}

function sideDocument({ image, listings }: Side): ImageDiffSide {
  const size = listings.reduce((sum, entries) => sum + contentBytes(entries), 0);
  return { Name: image.name, Id: image.id, Size: size, Layers: image.layers.length };
}

type Lines = Readonly<Record<"A" | "B", readonly ImageLine[]>>;

function linesOf(side: "A" | "B", image: OpenedImage): ImageLine[] {
  return image.layers.map(({ createdBy }, at) => ({ Image: side, Layer: at + 1, CreatedBy: createdBy }));
}

function lineOf({ side, layer }: TreeChange, lines: Lines): ImageLine {
  return lines[side][layer] ?? { Image: side, Layer: layer + 1, CreatedBy: "" };
}

function fileDocument(change: TreeChange, lines: Lines): ImageFileChange {
  return {
    Path: change.path,
    Change: change.change,
    Kind: (change.b ?? change.a)?.kind ?? "file",
    Aspects: [...change.aspects],
    SizeA: change.a?.size ?? 0,
    SizeB: change.b?.size ?? 0,
    Line: lineOf(change, lines),
  };
}

function configDocument({
  field,
  a,
  b,
  createdBy,
}: ReturnType<typeof configDiff>[number]): ImageConfigChange {
  return { Field: field, A: a ?? null, B: b ?? null, CreatedBy: createdBy };
}

function total(
  changes: readonly TreeChange[],
  wanted: TreeChange["change"],
): { Files: number; Bytes: number } {
  const some = changes.filter(({ change, a, b }) => change === wanted && (b ?? a)?.kind !== "directory");
  return { Files: some.length, Bytes: some.reduce((sum, change) => sum + bytesOf(change), 0) };
}

/** Further names of a file bring nothing. */
function bytesOf({ a, b }: TreeChange): number {
  const entry = b ?? a;
  return entry === undefined || entry.link !== undefined ? 0 : entry.size;
}

/** One for each line that changed something, in the order of the image. */
function lineDocuments(changes: readonly TreeChange[], lines: Lines): ImageLineChanges[] {
  const documents = new Map<string, ImageLineChanges>();
  for (const change of changes) {
    const line = lineOf(change, lines);
    const key = `${line.Image}${line.Layer}`;
    const sums = documents.get(key) ?? {
      ...line,
      Added: 0,
      Changed: 0,
      Removed: 0,
      Bytes: 0,
      RemovedBytes: 0,
    };
    documents.set(key, sums);
    if (change.change === "added") sums.Added += 1;
    else if (change.change === "changed") sums.Changed += 1;
    else sums.Removed += 1;
    if (change.change === "removed") sums.RemovedBytes += bytesOf(change);
    else sums.Bytes += bytesOf(change);
  }
  return [...documents.values()].sort((x, y) =>
    x.Image === y.Image ? x.Layer - y.Layer : x.Image < y.Image ? 1 : -1,
  );
}
