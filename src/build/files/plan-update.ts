import type { TreeEntry } from "./source-tree.ts";
import type { CopyEntry } from "./copy-request.ts";

/** A directory as it was copied: the text of its file manifest, and the mtime (ns) of each of the lines. */
export interface CopiedTree {
  readonly text: string;
  readonly mtimes: BigInt64Array;
}

/** What turns one copy of a directory into another. */
export interface TreeUpdate {
  /** What has to be copied, and the directories on the way, in the order of the tree; paths as in the manifest. */
  readonly entries: readonly CopyEntry[];
  /** What has to go, without what lies below it. */
  readonly removed: readonly string[];
  /** mtime that the directory itself was given */
  readonly was: bigint;
}

interface Line {
  readonly text: string;
  readonly content: string;
  readonly path: string;
  readonly mtime: bigint;
  /** It was later than the latest there may be. */
  readonly isClamped: boolean;
}

/**
 * The work that is left when the copy of `before` is at hand and one of `after` is wanted. `entries` are those of
 * `after`; no time counts that is later than `epoch` (seconds). Undefined when a whole copy is the better way: for hard
 * links, for what became a directory or was one, for directories of another mode, for more changes than not. Pure.
 */
export function planUpdate(
  before: CopiedTree,
  after: CopiedTree,
  entries: readonly TreeEntry[],
  epoch?: number,
): TreeUpdate | undefined {
  if (hardLink.test(before.text) || hardLink.test(after.text)) return undefined;
  const [oldRoot, ...olds] = linesOf(before, epoch);
  const [root, ...lines] = linesOf(after, epoch);
  if (oldRoot === undefined || root === undefined || oldRoot.text !== root.text) return undefined;
  // A directory with the latest time there may be need not have it from the copy.
  if (oldRoot.isClamped && root.mtime !== oldRoot.mtime) return undefined;
  const update = new Update(new Map(olds.map((line) => [line.path, line])));
  for (const [at, line] of lines.entries()) if (!update.see(line, entries[at])) return undefined;
  const removed = update.removed();
  if ((update.changes + removed.length) * 2 > lines.length) return undefined;
  return { entries: update.entries(entries, removed), removed, was: oldRoot.mtime };
}

const hardLink = /\thard /;

function linesOf({ text, mtimes }: CopiedTree, epoch: number | undefined): Line[] {
  const limit = epoch === undefined ? undefined : BigInt(epoch) * 1_000_000_000n;
  return text.split("\0").map((line, at) => {
    const content = line.indexOf("\t");
    const path = line.indexOf("\t", content + 1);
    const mtime = mtimes[at] ?? 0n;
    return {
      text: line,
      content: line.slice(content + 1, path),
      path: line.slice(path + 1),
      mtime: limit !== undefined && mtime > limit ? limit : mtime,
      isClamped: limit !== undefined && mtime >= limit,
    };
  });
}

class Update {
  changes = 0;
  readonly #gone: Map<string, Line>;
  readonly #changed = new Set<string>();
  /** Directories on the way to changes. */
  readonly #onTheWay = new Set<string>();
  readonly #directories = new Set<string>();

  constructor(before: Map<string, Line>) {
    this.#gone = before;
  }

  /** False when no update leads to the line. */
  see(line: Line, entry: TreeEntry | undefined): boolean {
    if (entry === undefined || entry.path !== line.path) return false;
    const was = this.#gone.get(line.path);
    this.#gone.delete(line.path);
    const isDirectory = line.content === "directory";
    if (isDirectory) this.#directories.add(line.path);
    if (was?.text === line.text && was.mtime === line.mtime) return true;
    if (was !== undefined && was.text !== line.text && (isDirectory || was.content === "directory"))
      return false;
    this.changes += 1;
    this.#changed.add(line.path);
    if (isDirectory) this.#enter(line.path);
    this.#enter(parentOf(line.path));
    return true;
  }

  /** The uppermost of the paths that are there no longer. */
  removed(): string[] {
    return [...this.#gone.keys()].filter((path) => {
      const parent = parentOf(path);
      if (parent !== "" && this.#gone.has(parent)) return false;
      this.#enter(parent);
      return true;
    });
  }

  entries(all: readonly TreeEntry[], removed: readonly string[]): CopyEntry[] {
    const goneFrom = Map.groupBy(removed, (path) =>
      this.#directories.has(parentOf(path)) ? parentOf(path) : "",
    );
    const gone = (parent: string): CopyEntry[] =>
      (goneFrom.get(parent) ?? []).map((path) => ({ path, kind: "removed" }));
    return [
      ...gone(""),
      ...all.flatMap(({ path, kind }): CopyEntry[] => {
        if (this.#onTheWay.has(path)) return [{ path, kind }, ...gone(path)];
        return this.#changed.has(path) ? [{ path, kind }] : [];
      }),
    ];
  }

  #enter(directory: string): void {
    for (
      let path = directory;
      this.#directories.has(path) && !this.#onTheWay.has(path);
      path = parentOf(path)
    )
      this.#onTheWay.add(path);
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}
