import { parseDockerignore } from "../../dockerfile/dockerignore.ts";
import type { Ignore } from "./source-tree.ts";

/** What the text of a .dockerignore file leaves out; undefined when it leaves out nothing. */
export function parseIgnore(text: string): Ignore | undefined {
  const matcher = parseDockerignore(text);
  if (matcher.isEmpty) return undefined;
  return {
    hasExceptions: matcher.hasExceptions,
    ignores: (path) => matcher.ignores(path),
    skipsDirectory: (path) => matcher.skipsDirectory(path),
  };
}
