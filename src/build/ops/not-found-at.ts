import { isCode, SlipwayError } from "../../errors.ts";
import { missingFileHint } from "../files/missing-file.ts";
import type { SourceTree } from "../files/source-tree.ts";
import { placeInFile, type Vertex } from "../vertex.ts";

/** What `work` gives. A file that is not there is told in Docker's words, with the instruction's place and what may be meant. */
export function placedFiles<T>(tree: SourceTree, vertex: Vertex, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isCode(error, "not_found")) throw error;
    const { message } = error as Error;
    const missing = /^"\/(.*)": not found$/.exec(message)?.[1];
    const hint = missing === undefined ? "" : missingFileHint(tree, missing, vertex.text);
    const place = placeInFile(vertex);
    const what = `${place === undefined ? "" : `${place}: `}failed to compute cache key: ${message}${hint}`;
    throw new SlipwayError("not_found", what, { cause: error });
  }
}
