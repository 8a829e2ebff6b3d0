import { open, readdir, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** One file of a log. `number` 0 is the one being written, 1 the one before it, and so on. */
export interface LogFile {
  readonly path: string;
  readonly number: number;
  readonly inode: number;
  /** bytes */
  readonly size: number;
}

/** A {@link LogFile} held open: it can be read to its end also when it is renamed or removed meanwhile. */
export interface OpenLogFile extends LogFile {
  readonly handle: FileHandle;
}

/** The files of the log at `path`, oldest first: `path.2`, `path.1`, `path`. None is an empty log. */
export async function logFiles(path: string): Promise<LogFile[]> {
  const name = basename(path);
  const names = await readdir(dirname(path)).catch(() => []);
  const numbers = names.flatMap((each) => {
    if (each === name) return [0];
    const digits = each.startsWith(`${name}.`) ? each.slice(name.length + 1) : "";
    return /^[1-9]\d{0,5}$/.test(digits) ? [Number(digits)] : [];
  });
  const files = numbers.toSorted((a, b) => b - a).map((number) => describe(numbered(path, number), number));
  return (await Promise.all(files)).filter((file) => file !== undefined);
}

/** All files of the log, opened, oldest first. The caller closes them. */
export async function openLogFiles(path: string): Promise<OpenLogFile[]> {
  const opened: OpenLogFile[] = [];
  for (const file of await logFiles(path)) opened.push(await openLogFile(file));
  return opened;
}

export async function openLogFile(file: LogFile): Promise<OpenLogFile> {
  const handle = await open(file.path, "r");
  const { ino, size } = await handle.stat();
  return { ...file, handle, inode: ino, size };
}

export function numbered(path: string, number: number): string {
  return number === 0 ? path : join(dirname(path), `${basename(path)}.${number}`);
}

async function describe(path: string, number: number): Promise<LogFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? undefined : { path, number, inode: found.ino, size: found.size };
}
