import type { FromInstruction } from "../../dockerfile/instruction.ts";
import type { CopyOp, Vertex } from "../vertex.ts";
import { makeVertex } from "./stage-state.ts";

/** All files of a named context in an empty filesystem: what `FROM name` begins with when the name is a directory. */
export function contextVertex(
  context: string,
  from: FromInstruction,
  about: { readonly name: string; readonly stage: string },
): Vertex<CopyOp> {
  const op: CopyOp = {
    kind: "copy",
    files: { from: "context", name: context },
    sources: ["/"],
    inline: [],
    destination: "/",
    excludes: [],
    unpack: false,
  };
  const line = from.location.startLine;
  return makeVertex(op, [], { ...about, line, text: from.original, place: `context ${context}` });
}
