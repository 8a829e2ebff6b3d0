import { existsSync, readFileSync } from "node:fs";
import { parseIgnore } from "./parse-ignore.ts";
import { pathInContext } from "./path-in-context.ts";
import type { Ignore } from "./source-tree.ts";

/** What `<Dockerfile>.dockerignore`, else `.dockerignore`, of the context's directory leaves out; undefined: nothing. */
export function openIgnore(directory: string, dockerfile: string | undefined): Ignore | undefined {
  const names = [...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]), ".dockerignore"];
  for (const name of names) {
    const file = pathInContext(directory, name);
    if (file !== undefined && existsSync(file)) return parseIgnore(readFileSync(file, "utf8"));
  }
  return undefined;
}
