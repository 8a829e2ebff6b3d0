/**
 * Files that a few flags name. `node:fs` takes 2 ms to load, a quarter of a short command: the first file read loads
 * it.
 */
const fs = () => process.getBuiltinModule("node:fs");

/** Throws in Docker's words when the file is not there or cannot be read. */
export function readFile(path: string): Buffer {
  try {
    return fs().readFileSync(path);
  } catch (error) {
    throw fileError("open", path, error);
  }
}

/** `open /path: no such file or directory`: what a system call said, as Go words it. */
export function fileError(action: string, path: string, error: unknown): Error {
  const { message = String(error) } = error as { message?: string };
  const why = /^E[A-Z0-9]+: (.+?), \w+/.exec(message)?.[1] ?? message;
  return new Error(`${action} ${path}: ${why}`, { cause: error });
}

/** The names in a directory; none when there is no such directory. */
export function directoryNames(path: string): string[] {
  return fs().existsSync(path) ? fs().readdirSync(path) : [];
}

/** Throws, before any work is done, when the directory that the file `path` is to be in is not there. */
export function checkDirectoryOf(path: string, failed: string): void {
  const directory = process.getBuiltinModule("node:path").dirname(path);
  try {
    fs().statSync(directory);
  } catch (error) {
    const { message } = fileError("stat", directory, error);
    throw new Error(`${failed}: invalid output path: ${message}`, { cause: error });
  }
}
