import { readFile } from "node:fs/promises";

/** One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
export interface MountEntry {
  readonly target: string;
  readonly type: string;
  /** the options of the file system itself, as an overlay's directories */
  readonly options: string;
}

/** What is mounted, in the order it was. */
export async function mountTable(): Promise<MountEntry[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8");
  return text.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const target = before.split(" ")[4];
    const [type = "", , options = ""] = after.split(" ");
    return target === undefined ? [] : [{ target: unescaped(target), type, options }];
  });
}

/** The kernel writes spaces and the like as `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
