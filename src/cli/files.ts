/**
 * Files that a few flags name. `node:fs` takes 3 ms to load, a third of a short command: the first file read loads it.
 */
const fs = () => process.getBuiltinModule("node:fs");

export function readFile(path: string): Buffer {
  return fs().readFileSync(path);
}
