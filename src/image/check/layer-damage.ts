import type { LayerEntry } from "../listing/layer-entry.ts";

/**
 * The first difference between a layer as its blob tells and as it lies unpacked; undefined when there is none. Attributes
 * are not compared, for a file system may have no place for them, and times are not listed. Pure.
 */
export function layerDamage(
  blob: readonly LayerEntry[],
  unpacked: readonly LayerEntry[],
): string | undefined {
  const wanted = byPath(blob);
  const found = byPath(unpacked);
  for (const [path, entry] of wanted) {
    if (isBehindLink(path, wanted)) continue;
    const there = found.get(path);
    const aspect = there === undefined ? "is missing" : differing(entry, there);
    if (aspect !== undefined) return `"/${path}" ${aspect}`;
  }
  const hasLinks = [...wanted.keys()].some((path) => isBehindLink(path, wanted));
  for (const [path, { kind }] of found) {
    // Directories that no entry names are made on the way.
    if (!hasLinks && kind !== "directory" && !wanted.has(path)) return `"/${path}" does not belong there`;
  }
  return undefined;
}

/** What hides names of lower layers is left out: what a layer itself brings comes before it. */
function byPath(entries: readonly LayerEntry[]): Map<string, LayerEntry> {
  const shown = entries.filter(({ kind }) => kind !== "whiteout" && kind !== "opaque");
  return new Map(shown.map((entry) => [entry.path, entry]));
}

function differing(a: LayerEntry, b: LayerEntry): string | undefined {
  if (a.kind !== b.kind) return `is a ${b.kind}, not a ${a.kind}`;
  if (a.size !== b.size) return `has ${b.size} bytes, not ${a.size}`;
  if (a.sha256 !== b.sha256) return "has another content";
  if (a.mode !== b.mode) return `has mode ${b.mode.toString(8)}, not ${a.mode.toString(8)}`;
  if (a.uid !== b.uid || a.gid !== b.gid) return `belongs to ${b.uid}:${b.gid}, not to ${a.uid}:${a.gid}`;
  if (a.target !== b.target || a.device !== b.device) return "points elsewhere";
  return undefined;
}

/** An entry below a symbolic link is unpacked where that leads. */
function isBehindLink(path: string, entries: ReadonlyMap<string, LayerEntry>): boolean {
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    if (entries.get(path.slice(0, slash))?.kind === "symlink") return true;
  }
  return false;
}
