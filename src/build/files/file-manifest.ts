import { createHash } from "node:crypto";
import { digestOf } from "../../oci/digest.ts";
import type { FileManifest } from "../op-handler.ts";
import type { FileHashes } from "./file-hashes.ts";
import type { SelectedSource } from "./select-sources.ts";
import type { SourceTree, TreeEntry } from "./source-tree.ts";

/**
 * Names, kinds, modes and contents of the selected files; no times, no owners. Lines end in NUL:
 * `mode TAB content TAB path`, where content is a hash, or says that it is a directory.
 */
export async function fileManifest(
  tree: SourceTree,
  selected: readonly SelectedSource[],
  hashes: FileHashes,
  signal: AbortSignal,
): Promise<FileManifest> {
  const entries = selected.flatMap((source) => source.entries);
  const contents = (await hashes.of(tree, entries.filter(isHashed), signal)).values();
  const lines: string[] = [];
  for (const source of selected) {
    if (source.isDirectory) lines.push(`root\t${source.name}\t${source.path}`);
    for (const entry of source.entries) {
      lines.push(`${entry.mode.toString(8)}\t${contentOf(entry, contents)}\t${entry.path}`);
    }
  }
  const text = lines.join("\0");
  return { digest: digestOf(text), text, ignores: (path) => tree.ignore?.ignores(path) === true };
}

/** Several as one; undefined for none. */
export function joinManifests(manifests: readonly FileManifest[]): FileManifest | undefined {
  const [first, ...more] = manifests;
  if (first === undefined || more.length === 0) return first;
  const text = manifests.map((manifest) => manifest.text).join("\0");
  return {
    digest: digestOf(text),
    text,
    ignores: (path) => manifests.some(({ ignores }) => ignores?.(path) === true),
  };
}

function isHashed(entry: TreeEntry): boolean {
  return entry.kind === "file" && entry.linkTo === undefined;
}

/** `contents` gives the next hash for each file that has one of its own. */
function contentOf(entry: TreeEntry, contents: Iterator<string>): string {
  if (entry.kind === "directory") return "directory";
  if (entry.kind === "other") return "special";
  if (entry.kind === "symlink") return `link ${shortHash(entry.target ?? "")}`;
  if (entry.linkTo !== undefined) return `hard ${shortHash(entry.linkTo)}`;
  return String(contents.next().value);
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
