import type { CidFile } from "./cid-file.ts";

/** The file of `--cidfile`, when there is to be one: only then what writes it is loaded. */
export async function cidFileOf(path: string): Promise<CidFile | undefined> {
  return path === "" ? undefined : (await import("./cid-file.ts")).openCidFile(path);
}
