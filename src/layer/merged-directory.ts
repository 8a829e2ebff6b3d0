import { readDir } from "../platform/dir-at.ts";
import { closeFd, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, openAt } from "../platform/fd.ts";
import { isDirectory, statAt, statAtIfAny, type FileStat } from "../platform/stat.ts";
import { isOpaque, isWhiteout, type OverlayXattrs } from "./overlay-marks.ts";

/** One directory as several open ones show it that lie over each other, top first. */
export type MergedDirectory = readonly number[];

/** A name, and the open directory it is taken from. */
export interface MergedName {
  readonly name: Uint8Array;
  readonly dir: number;
}

/**
 * The names in order of their bytes. What an upper directory hides of those below it is left out, the whiteout too;
 * whiteouts of the lowest one stay, for they hide what lies below them all. With `below`, the directory under them all,
 * a whiteout of any stays exactly when it hides something there. `xattrs` undefined: a single directory that is no layer.
 */
export function mergedNames(
  merged: MergedDirectory,
  xattrs: OverlayXattrs | undefined,
  below?: MergedDirectory,
): MergedName[] {
  const [only = -1] = merged;
  if (xattrs === undefined || (merged.length === 1 && below === undefined))
    return readDir(only)
      .sort(Buffer.compare)
      .map((name) => ({ name, dir: only }));
  const found = new Map<string, MergedName | undefined>();
  for (const [at, dir] of merged.entries()) {
    const isLowest = at === merged.length - 1;
    for (const name of readDir(dir)) {
      const key = Buffer.from(name).toString("latin1");
      if (found.has(key)) continue;
      const hidesBelow = below === undefined ? isLowest : findMerged(below, name) !== undefined;
      const isHidden = !hidesBelow && isWhiteout(statAt(dir, name));
      found.set(key, isHidden ? undefined : { name, dir });
    }
  }
  return [...found.values()]
    .filter((each) => each !== undefined)
    .sort((a, b) => Buffer.compare(a.name, b.name));
}

/** What they show under `name`; undefined when there is nothing, or the uppermost that says something hides it. */
export function findMerged(merged: MergedDirectory, name: Uint8Array | string): FileStat | undefined {
  for (const dir of merged) {
    const stat = statAtIfAny(dir, name);
    if (stat !== undefined) return isWhiteout(stat) ? undefined : stat;
  }
  return undefined;
}

/** Whether the directory `name` that they show hides what one below them all has under that name. */
export function hidesAllBelow(
  merged: MergedDirectory,
  name: Uint8Array | string,
  xattrs: OverlayXattrs,
): boolean {
  return merged.some((dir) => {
    const stat = statAtIfAny(dir, name);
    return stat !== undefined && (!isDirectory(stat) || isOpaque(dir, name, xattrs));
  });
}

/** Opens the directory `name` of all that have it, down to the first that hides the rest. The caller closes. */
export function openMerged(
  merged: MergedDirectory,
  name: Uint8Array | string,
  xattrs: OverlayXattrs | undefined,
): MergedDirectory {
  const opened: number[] = [];
  try {
    for (const dir of merged) {
      const stat = merged.length === 1 ? undefined : statAtIfAny(dir, name);
      if (merged.length > 1 && stat === undefined) continue;
      if (stat !== undefined && !isDirectory(stat)) break;
      const fd = openAt(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      opened.push(fd);
      if (xattrs !== undefined && merged.length > 1 && isOpaque(fd, "", xattrs)) break;
    }
    return opened;
  } catch (error) {
    closeMerged(opened);
    throw error;
  }
}

/** Closes the descriptors. To be called once. */
export function closeMerged(merged: MergedDirectory): void {
  for (const fd of merged) closeFd(fd);
}

/** What the directory is: as its uppermost part says. */
export function statMerged([top = -1]: MergedDirectory): FileStat {
  return statAt(top, "");
}
