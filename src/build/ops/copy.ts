import { SlipwayError } from "../../errors.ts";
import type { Digest } from "../../oci/digest.ts";
import type { CopyRequest, CopySource, Owner } from "../files/copy-request.ts";
import { fileManifest } from "../files/file-manifest.ts";
import type { CopiedLayers } from "../files/copied-layers.ts";
import type { FileHashes } from "../files/file-hashes.ts";
import { excluding } from "../files/excluding.ts";
import { parseIgnore } from "../files/parse-ignore.ts";
import { selectParents } from "../files/select-parents.ts";
import { selectSources, type SelectedSource } from "../files/select-sources.ts";
import type { SourceTree } from "../files/source-tree.ts";
import {
  cacheKeyOf,
  type FileManifest,
  type KeyPart,
  type OpHandler,
  type SnapshotRef,
} from "../op-handler.ts";
import { openStepRoot, openView, type RootSource } from "../step-root.ts";
import type { CopyOp, Vertex } from "../vertex.ts";
import { copyPlan, findUpdate, updatedSource, type CopyPlan, type LayerUpdate } from "./copy-update.ts";
import { inputPart } from "./input-part.ts";
import { placedFiles } from "./not-found-at.ts";
import { resolveOwner } from "./resolve-owner.ts";
import type { UnpackArchives } from "./unpack-archives.ts";

export interface CopyParts extends RootSource {
  readonly hashes: FileHashes;
  /** The build context, read in place. */
  readonly context: (name?: string) => Promise<SourceTree>;
  readonly unpackArchives: UnpackArchives;
  readonly copiedLayers: CopiedLayers;
}

/** What a COPY from a context is about to copy. */
interface Selection {
  readonly tree: SourceTree;
  readonly selected: readonly SelectedSource[];
}

/** COPY and ADD. Keyed by names, modes and contents of the files; times and owners do not count. */
export function copyHandler(parts: CopyParts): OpHandler<CopyOp> {
  const selections = new Map<Digest, Promise<Selection>>();
  const plans = new Map<Digest, CopyPlan>();
  const fromContext = (op: CopyOp, vertex: Vertex): Promise<Selection> => {
    const known = selections.get(vertex.digest);
    if (known !== undefined) return known;
    const name = op.files.from === "context" ? op.files.name : undefined;
    const selection = parts.context(name).then((context) => {
      const tree = treeOf(op, context);
      return { tree, selected: select(tree, op, vertex) };
    });
    selections.set(vertex.digest, selection);
    return selection;
  };
  return {
    async cacheKey(op, inputKeys, { vertex, signal }) {
      const downloads = (op.downloads ?? []).flatMap(({ input, name }) =>
        inputPart(input, inputKeys, vertex, name),
      );
      const own = [operationPart(op), ...inputPart(op.base, inputKeys, vertex), ...downloads];
      if (op.files.from === "context" && op.sources.length > 0) {
        const { tree, selected } = await fromContext(op, vertex);
        const manifest = await fileManifest(tree, selected, parts.hashes, signal);
        const plan = copyPlan(op, tree, selected, { opKey: undatedKey(own, parts.epoch), manifest });
        if (plan !== undefined) plans.set(vertex.digest, plan);
        return cacheKeyOf([...own, filesPart(manifest)], manifest);
      }
      const source = op.files.from === "input" ? op.files.input : undefined;
      return cacheKeyOf([...own, ...inputPart(source, inputKeys, vertex, "source")]);
    },
    hasContentKey: (op) => op.files.from === "input",
    async contentKey(op, inputs, inputKeys, { vertex, signal }) {
      if (op.files.from !== "input") return undefined;
      await using source = await openSource(parts, op, inputs);
      const selected = select(source.tree, op, vertex);
      const manifest = await fileManifest(source.tree, selected, parts.hashes, signal);
      return cacheKeyOf([operationPart(op), ...inputPart(op.base, inputKeys, vertex), filesPart(manifest)]);
    },
    async exec(op, inputs, { vertex, signal, isFresh }) {
      const parent = op.base === undefined ? undefined : inputs[op.base]?.snapshot;
      const plan = plans.get(vertex.digest);
      const update = plan && !isFresh ? await findUpdate(parts, op, parent, plan) : undefined;
      if (plan !== undefined && update !== undefined) {
        const { tree } = await fromContext(op, vertex);
        return await updateLayer(parts, { op, tree, source: plan.source, update, signal });
      }
      await using root = await openStepRoot(parts, parent);
      await using source = op.files.from === "context" ? undefined : await openSource(parts, op, inputs);
      const { tree, selected } =
        source === undefined
          ? await fromContext(op, vertex)
          : { tree: source.tree, selected: select(source.tree, op, vertex) };
      await copyInto(parts, { op, root: root.path, tree, selected, signal });
      await copyDownloads(parts, { op, root: root.path, inputs, signal });
      const snapshot = await root.commit();
      if (plan !== undefined)
        parts.copiedLayers.add(plan.opKey, snapshot, plan.manifest.digest, plan.copied().mtimes);
      return { snapshot };
    },
  };
}

/** Names the step whatever its files are. */
function undatedKey(own: readonly KeyPart[], epoch: number | undefined): Digest {
  return cacheKeyOf([...own, { kind: "option", name: "epoch", value: String(epoch) }]).digest;
}

/** Changes what an earlier build copied instead of copying everything again: the layer is that one and the changes. */
async function updateLayer(
  parts: CopyParts,
  job: Pick<CopyJob, "op" | "tree" | "signal"> & {
    readonly source: SelectedSource;
    readonly update: LayerUpdate;
  },
): Promise<SnapshotRef> {
  const { op, tree, source, update, signal } = job;
  await using root = await openStepRoot(parts, update.snapshot);
  const request = copyRequest(op, root.path, [updatedSource(tree, source, update)]);
  await parts.files.run(request, { signal });
  return { snapshot: await root.commit({ continuesParent: true }) };
}

interface CopyJob {
  readonly op: CopyOp;
  readonly root: string;
  readonly tree: SourceTree;
  readonly selected: readonly SelectedSource[];
  readonly signal: AbortSignal;
}

async function copyInto(parts: CopyParts, job: CopyJob): Promise<void> {
  const { op, root, tree, signal } = job;
  const archives = op.unpack ? parts.unpackArchives.find(tree, job.selected) : new Set<SelectedSource>();
  const plain = job.selected.filter((source) => !archives.has(source));
  const sources = [...plain.map((source) => copySource(tree, source)), ...inlineSources(op)];
  const request = copyRequest(op, root, sources);
  await parts.files.run(request, { signal });
  for (const archive of archives) {
    const from = `${tree.root}/${archive.path}`;
    await parts.unpackArchives.unpack(from, root, op.destination, { signal, owner: request.parentOwner });
  }
}

function copyRequest(op: CopyOp, root: string, sources: readonly CopySource[]): CopyRequest {
  const chown = op.chown === undefined ? undefined : resolveOwner(root, op.chown);
  const isContext = op.files.from === "context";
  const owner: Owner | undefined = chown ?? (isContext ? { uid: 0, gid: 0 } : undefined);
  const { destination, chmod } = op;
  return {
    kind: "copy",
    root,
    destination,
    sources,
    owner,
    parentOwner: chown,
    keepXattrs: !isContext,
    existing: op.keepsParents === true ? "mode" : "replace",
    chmod,
    ...(op.link === true && { clearsWay: true }),
  };
}

/** Files from the web are root's, 0600 (Dockerfile reference, "ADD", "Adding files from a URL"). */
async function copyDownloads(
  parts: CopyParts,
  job: Pick<CopyJob, "op" | "root" | "signal"> & { readonly inputs: readonly SnapshotRef[] },
): Promise<void> {
  const { op, root, inputs, signal } = job;
  for (const { input, name, unpack } of op.downloads ?? []) {
    const snapshot = inputs[input]?.snapshot;
    if (snapshot === undefined) throw new SlipwayError("internal", `No file was downloaded for "${name}"`);
    await using view = await openView(parts, snapshot);
    const tree = { root: view.path };
    const { unpack: _unpack, excludes: _excludes, ...rest } = op;
    await copyInto(parts, {
      op: { ...rest, files: { from: "context" }, inline: [], unpack, excludes: [] },
      root,
      tree,
      selected: selectSources(tree, [escapeMeta(name)]),
      signal,
    });
  }
}

/** A name that stands for itself in a pattern. */
function escapeMeta(name: string): string {
  return name.replace(/[\\*?[]/g, "\\$&");
}

function copySource(tree: SourceTree, source: SelectedSource): CopySource {
  const from = source.path === "" ? tree.root : `${tree.root}/${source.path}`;
  const [first] = source.entries;
  if (!source.isDirectory) return { kind: "file", from, name: source.name, type: first?.kind ?? "file" };
  const skip = source.path === "" ? 0 : source.path.length + 1;
  const entries = source.entries.map(({ path, kind, linkTo }) => ({
    path: path.slice(skip),
    kind,
    ...(linkTo !== undefined && { linkTo: linkTo.slice(skip) }),
  }));
  return { kind: "directory", from, entries };
}

function inlineSources(op: CopyOp): CopySource[] {
  return op.inline.map(({ name, content, mode }) => ({ kind: "inline", name, content, mode: mode ?? 0o644 }));
}

async function openSource(
  parts: CopyParts,
  op: CopyOp,
  inputs: readonly SnapshotRef[],
): Promise<AsyncDisposable & { readonly tree: SourceTree }> {
  const snapshot = op.files.from === "input" ? inputs[op.files.input]?.snapshot : undefined;
  if (snapshot === undefined) {
    const empty = { root: "/proc/self/fdinfo/none" };
    return { tree: empty, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const view = await openView(parts, snapshot);
  return {
    tree: treeOf(op, { root: view.path }),
    [Symbol.asyncDispose]: () => view[Symbol.asyncDispose](),
  };
}

/** With `--parents` patterns of `--exclude` count from the tree's root, else from each source. */
function treeOf(op: CopyOp, tree: SourceTree): SourceTree {
  return op.keepsParents === true ? excluding(tree, op.excludes) : tree;
}

function select(tree: SourceTree, op: CopyOp, vertex: Vertex): SelectedSource[] {
  return placedFiles(tree, vertex, () =>
    op.keepsParents === true
      ? selectParents(tree, op.sources)
      : selectSources(tree, op.sources, parseIgnore(op.excludes.join("\n"))),
  );
}

function operationPart(op: CopyOp): KeyPart {
  const { files, base: _base, ...rest } = op;
  return {
    kind: "operation",
    name: "copy",
    value: JSON.stringify({
      ...rest,
      from: files.from,
      ...(files.from === "context" && { context: files.name }),
    }),
  };
}

function filesPart(manifest: FileManifest): KeyPart {
  return { kind: "files", name: "files", value: manifest.digest };
}
