import { SlipwayError } from "../../errors.ts";
import type { Ignore } from "./source-tree.ts";

/** The matcher of a .dockerignore file's text. */
export function parseIgnore(text: string): Ignore {
  if (text.trim() !== "") throw new SlipwayError("not_implemented", ".dockerignore");
  return { ignores: () => false, skipsDirectory: () => false };
}
