import { existsSync, realpathSync } from "node:fs";
import { resolvePath } from "./resolve-path.ts";

/** The file that `path` names in the context's directory, never one outside; undefined when it leads nowhere. */
export function pathInContext(directory: string, path: string): string | undefined {
  if (path.startsWith("/")) return existsSync(path) && isInside(directory, path) ? path : undefined;
  try {
    return `${directory}/${resolvePath({ root: directory }, `/${path}`)}`;
  } catch {
    return undefined;
  }
}

function isInside(directory: string, path: string): boolean {
  return realpathSync(path).startsWith(`${directory}/`);
}
