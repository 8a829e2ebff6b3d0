import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CleanupStack } from "../../internal/cleanup-stack.ts";
import type { OciMount } from "../../runtime/spec/oci-spec.ts";
import type { CopyRequest } from "../files/copy-request.ts";
import { fileManifest, joinManifests } from "../files/file-manifest.ts";
import type { FileHashes } from "../files/file-hashes.ts";
import { resolvePath } from "../files/resolve-path.ts";
import { selectSources } from "../files/select-sources.ts";
import { lstat, type SourceTree } from "../files/source-tree.ts";
import type { FileManifest, SnapshotRef, KeyPart, StepContext } from "../op-handler.ts";
import { cacheMount, lockCaches, type CacheParts } from "./cache-mount.ts";
import { openStepRoot, openView } from "../step-root.ts";
import type { ExecMount, ExecOp } from "../vertex.ts";
import type { MountKey, PreparedMounts } from "./exec-mounts.ts";
import { inputPart } from "./input-part.ts";
import { placedFiles } from "./not-found-at.ts";
import { secretMount, type SecretParts } from "./secret-mount.ts";
import { sshMount, type SshParts } from "./ssh-mount.ts";
import type { Digest } from "../../oci/digest.ts";
import { isDirectory } from "../../platform/stat.ts";

export interface MountParts extends CacheParts, SecretParts, SshParts {
  readonly hashes: FileHashes;
  readonly context: (name?: string) => Promise<SourceTree>;
}

type BindMount = Extract<ExecMount, { type: "bind" }>;
type Prepared = OciMount & { readonly isFile?: boolean };

/** What one mount comes to. */
interface PreparedOne {
  readonly mount?: Prepared | undefined;
  readonly env?: string;
}

/** What the mounts of a RUN add to its key: what binds show; caches, tmpfs and secrets only by their place. */
export async function mountKeyParts(
  parts: Pick<MountParts, "hashes" | "context">,
  op: ExecOp,
  inputKeys: readonly Digest[],
  { vertex, signal }: StepContext,
): Promise<MountKey> {
  const keyed: KeyPart[] = [];
  const manifests: FileManifest[] = [];
  for (const mount of op.mounts) {
    keyed.push({
      kind: "operation",
      name: `mount ${mount.target ?? mount.type}`,
      value: JSON.stringify(mount),
    });
    const files =
      mount.type === "cache" ? mount.start?.files : mount.type === "bind" ? mount.files : undefined;
    if (files?.from === "input")
      keyed.push(...inputPart(files.input, inputKeys, vertex, `mount ${mount.target}`));
    if (mount.type !== "bind" || mount.files.from !== "context") continue;
    const tree = await parts.context(mount.files.name);
    const selected = placedFiles(tree, vertex, () => selectSources(tree, [mount.path]));
    const manifest = await fileManifest(tree, selected, parts.hashes, signal);
    keyed.push({ kind: "files", name: `mount ${mount.target}`, value: manifest.digest });
    manifests.push(manifest);
  }
  return { parts: keyed, manifest: joinManifests(manifests) };
}

/** Gets the mounts of a RUN ready: views of stages, copies of the context, directories that last. */
export async function prepareMounts(
  parts: MountParts,
  op: ExecOp,
  inputs: readonly SnapshotRef[],
  { signal }: StepContext,
): Promise<PreparedMounts> {
  const undo = new CleanupStack();
  try {
    await lockCaches(parts, op.mounts, undo, signal);
    const mounts: Prepared[] = [];
    const env: string[] = [];
    for (const mount of op.mounts) {
      const prepared = await prepareOne(parts, mount, inputs, undo, signal);
      if (prepared.mount !== undefined) mounts.push(prepared.mount);
      if (prepared.env !== undefined) env.push(prepared.env);
    }
    return { mounts, env, [Symbol.asyncDispose]: () => undo[Symbol.asyncDispose]() };
  } catch (error) {
    await undo[Symbol.asyncDispose]();
    throw error;
  }
}

async function prepareOne(
  parts: MountParts,
  mount: ExecMount,
  inputs: readonly SnapshotRef[],
  undo: CleanupStack,
  signal: AbortSignal,
): Promise<PreparedOne> {
  switch (mount.type) {
    case "tmpfs": {
      const size = mount.size === undefined ? [] : [`size=${mount.size}`];
      const options = ["nosuid", "nodev", ...size];
      return { mount: { destination: mount.target, type: "tmpfs", source: "tmpfs", options } };
    }
    case "cache":
      return { mount: await cacheMount(parts, mount, inputs, undo, signal) };
    case "secret":
      return secretMount(parts, mount, undo);
    case "bind":
      return { mount: await bindMount(parts, mount, inputs, undo, signal) };
    case "ssh":
      return { mount: await sshMount(parts, mount, undo) };
  }
}

async function bindMount(
  parts: MountParts,
  mount: BindMount,
  inputs: readonly SnapshotRef[],
  undo: CleanupStack,
  signal: AbortSignal,
): Promise<Prepared> {
  const tree = await bindTree(parts, mount, inputs, undo, signal);
  const path = resolvePath(tree, mount.path);
  const isFile = !isDirectory(lstat(tree, path));
  const options = ["rbind", mount.readWrite ? "rw" : "ro"];
  return { destination: mount.target, type: "bind", source: `${tree.root}/${path}`, options, isFile };
}

async function bindTree(
  parts: MountParts,
  mount: BindMount,
  inputs: readonly SnapshotRef[],
  undo: CleanupStack,
  signal: AbortSignal,
): Promise<SourceTree> {
  const { files } = mount;
  if (files.from === "inline") return inlineTree(parts, files.files, undo);
  if (files.from === "context") return await contextTree(parts, mount, undo, signal);
  const snapshot = files.from === "input" ? inputs[files.input]?.snapshot : undefined;
  if (snapshot === undefined || mount.readWrite) {
    const root = await openStepRoot(parts, snapshot);
    undo.push(() => root[Symbol.asyncDispose]());
    return { root: root.path };
  }
  const view = await openView(parts, snapshot);
  undo.push(() => view[Symbol.asyncDispose]());
  return { root: view.path };
}

function inlineTree(
  parts: MountParts,
  files: readonly { name: string; content: string; mode?: number }[],
  undo: CleanupStack,
): SourceTree {
  const root = `${parts.runDir}/inline-${crypto.randomUUID()}`;
  mkdirSync(root, { recursive: true, mode: 0o755 });
  undo.push(() => rmSync(root, { recursive: true, force: true }));
  for (const { name, content, mode } of files) {
    writeFileSync(`${root}/${name}`, content);
    chmodSync(`${root}/${name}`, mode ?? 0o644);
  }
  return { root };
}

/** Untouched, the context is shown as it is. What is ignored, or may be written to, is shown as a copy. */
async function contextTree(
  parts: MountParts,
  mount: BindMount,
  undo: CleanupStack,
  signal: AbortSignal,
): Promise<SourceTree> {
  const tree = await parts.context(mount.files.from === "context" ? mount.files.name : undefined);
  if (tree.ignore === undefined && !mount.readWrite) return tree;
  const [selected] = selectSources(tree, [mount.path]);
  if (selected === undefined || (!selected.isDirectory && !mount.readWrite)) return tree;
  const root = await openStepRoot(parts, undefined);
  undo.push(() => root[Symbol.asyncDispose]());
  if (!selected.isDirectory) {
    mkdirSync(dirname(`${root.path}${mount.path}`), { recursive: true });
    copyFileSync(`${tree.root}/${selected.path}`, `${root.path}${mount.path}`);
    return { root: root.path };
  }
  const skip = selected.path === "" ? 0 : selected.path.length + 1;
  const entries = selected.entries.map(({ path, kind }) => ({ path: path.slice(skip), kind }));
  const request: CopyRequest = {
    kind: "copy",
    root: root.path,
    destination: `${mount.path}/`,
    sources: [{ kind: "directory", from: `${tree.root}/${selected.path}`, entries }],
    owner: { uid: 0, gid: 0 },
    keepXattrs: false,
    existing: "replace",
  };
  await parts.files.run(request, { signal });
  return { root: root.path };
}
