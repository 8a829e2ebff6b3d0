import { lstatSync } from "node:fs";
import { isCode } from "../../errors.ts";
import type { Digest } from "../../oci/digest.ts";
import { mtimeOf } from "../../platform/stat.ts";
import type { CopySource } from "../files/copy-request.ts";
import type { CopiedLayers } from "../files/copied-layers.ts";
import { planUpdate, type CopiedTree, type TreeUpdate } from "../files/plan-update.ts";
import { resolvePath } from "../files/resolve-path.ts";
import type { SelectedSource } from "../files/select-sources.ts";
import { lstat, type SourceTree } from "../files/source-tree.ts";
import type { FileManifest } from "../op-handler.ts";
import { openView, type RootSource } from "../step-root.ts";
import type { CopyOp } from "../vertex.ts";

/** Below this a whole copy is as quick. */
const worthEntries = 200;

/** What a COPY of one directory of the context is about to copy. */
export interface CopyPlan {
  /** The step's key without its files. */
  readonly opKey: Digest;
  readonly source: SelectedSource;
  readonly manifest: FileManifest;
  /** Made when asked for: a cached step needs no times. */
  readonly copied: () => CopiedTree;
}

/** A layer of an earlier build, and what is to be changed on it. */
export interface LayerUpdate extends TreeUpdate {
  readonly snapshot: string;
}

/** Undefined for a COPY of anything but one directory with many files. */
export function copyPlan(
  op: CopyOp,
  tree: SourceTree,
  selected: readonly SelectedSource[],
  key: { readonly opKey: Digest; readonly manifest: FileManifest },
): CopyPlan | undefined {
  const [source, second] = selected;
  // Names of owners are looked up in the base, which the earlier copy may have changed.
  const isPlain = op.inline.length === 0 && (op.downloads ?? []).length === 0 && op.keepsParents !== true;
  if (op.chown !== undefined && !/^[\d:]+$/.test(op.chown)) return undefined;
  if (source === undefined || second !== undefined || !isPlain) return undefined;
  if (!source.isDirectory || source.entries.length < worthEntries) return undefined;
  const stats = [lstat(tree, source.path), ...source.entries];
  const copied = () => ({ text: key.manifest.text, mtimes: BigInt64Array.from(stats, mtimeOf) });
  return { ...key, source, copied };
}

/** The newest layer on the same `parent` that little need be changed on; undefined when there is none. */
export async function findUpdate(
  parts: RootSource & { readonly copiedLayers: CopiedLayers },
  op: CopyOp,
  parent: string | undefined,
  { opKey, copied, source }: CopyPlan,
): Promise<LayerUpdate | undefined> {
  for (const before of parts.copiedLayers.find(opKey)) {
    if (!(await standsOn(parts, before.snapshot, parent))) continue;
    const update = planUpdate(before, copied(), source.entries, parts.epoch);
    if (update === undefined) continue;
    const paths = update.removed.map((path) => path.slice(prefixLength(source)));
    if (paths.length > 0 && parent !== undefined && (await hasAny(parts, parent, op, paths))) continue;
    return { ...update, snapshot: before.snapshot };
  }
  return undefined;
}

/** The part of a source that an update copies. */
export function updatedSource(tree: SourceTree, source: SelectedSource, update: TreeUpdate): CopySource {
  const from = source.path === "" ? tree.root : `${tree.root}/${source.path}`;
  const skip = prefixLength(source);
  const entries = update.entries.map((entry) => ({ ...entry, path: entry.path.slice(skip) }));
  return { kind: "directory", from, entries, was: update.was };
}

function prefixLength({ path }: SelectedSource): number {
  return path === "" ? 0 : path.length + 1;
}

async function standsOn(
  { snapshotter, lease }: RootSource,
  snapshot: string,
  parent: string | undefined,
): Promise<boolean> {
  lease.add(`snapshot/${snapshot}`);
  try {
    const info = await snapshotter.stat(snapshot);
    return info.parent === parent && info.kind === "committed" && info.continuesParent !== true;
  } catch (error) {
    if (isCode(error, "not_found")) return false;
    throw error;
  }
}

/** Whether the base has one of the names: it would show again, and a whiteout would hide it as well. */
async function hasAny(
  parts: RootSource,
  parent: string,
  { destination }: CopyOp,
  paths: readonly string[],
): Promise<boolean> {
  await using base = await openView(parts, parent);
  const root = resolveIfAny(base.path, destination);
  if (root === undefined) return false;
  return paths.some((path) => lstatSync(`${root}/${path}`, { throwIfNoEntry: false }) !== undefined);
}

function resolveIfAny(root: string, path: string): string | undefined {
  try {
    return `${root}/${resolvePath({ root }, path)}`;
  } catch (error) {
    if (isCode(error, "not_found")) return undefined;
    throw error;
  }
}
