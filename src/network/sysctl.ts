import { readFile, writeFile } from "node:fs/promises";
import { SlipwayError } from "../errors.ts";

/** Sets a kernel setting below `/proc/sys/net`, if it is not so already. Throws `forbidden` when that is refused. */
export async function setNetSysctl(name: string, value: string): Promise<void> {
  const path = `/proc/sys/net/${name}`;
  try {
    if ((await readFile(path, "utf8")).trim() === value) return;
    await writeFile(path, value);
  } catch (cause) {
    const setting = `net.${name.replaceAll("/", ".")}`;
    throw new SlipwayError("forbidden", `Cannot set the kernel setting "${setting}" to ${value}`, { cause });
  }
}
