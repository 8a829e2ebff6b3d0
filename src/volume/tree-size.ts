import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of the files below `path`, hard links counted once. What vanishes meanwhile counts nothing. */
export async function treeSize(path: string): Promise<number> {
  const seen = new Set<string>();
  const measure = async (directory: string): Promise<number> => {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    let total = 0;
    for (const entry of entries) {
      const child = join(directory, entry.name);
      if (entry.isDirectory()) total += await measure(child);
      else total += await fileSize(child, seen);
    }
    return total;
  };
  return await measure(path);
}

async function fileSize(path: string, seen: Set<string>): Promise<number> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return 0;
  const key = `${stat.dev}:${stat.ino}`;
  if (stat.nlink > 1 && seen.has(key)) return 0;
  seen.add(key);
  return stat.size;
}
