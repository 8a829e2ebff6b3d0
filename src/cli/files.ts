/**
 * Files that a few flags name. `node:fs` takes 2 ms to load, a quarter of a short command: the first file read loads
 * it.
 */
const fs = () => process.getBuiltinModule("node:fs");

export function readFile(path: string): Buffer {
  return fs().readFileSync(path);
}

/** The names in a directory; none when there is no such directory. */
export function directoryNames(path: string): string[] {
  return fs().existsSync(path) ? fs().readdirSync(path) : [];
}
