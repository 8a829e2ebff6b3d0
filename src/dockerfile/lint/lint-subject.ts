import { SlipwayError } from "../../errors.ts";
import type { AstNode } from "../ast.ts";
import type { Dockerfile } from "../dockerfile.ts";
import { globalArguments } from "../global-args.ts";
import type { LintOptions } from "./lint-options.ts";
import type { LintSubject } from "./subject.ts";
import { traceFroms } from "./trace-froms.ts";
import { attempt, type Written } from "./trace-parts.ts";
import { traceStages } from "./trace-stages.ts";

/** Follows the build through the Dockerfile as far as it would come. Pure. */
export function lintSubject(file: Dockerfile, options: LintOptions): LintSubject {
  const nodes = nodesOf(file);
  const instructions = [
    ...file.globalArgs.map((written) => ({ node: nodeOf(nodes, written), written })),
    ...file.stages.flatMap((stage) =>
      stage.instructions.map((written) => ({ node: nodeOf(nodes, written), written })),
    ),
  ];
  const parts = { file, options, node: (written: Written) => nodeOf(nodes, written) };
  const args = attempt(() => globalArguments(file, options.buildArgs ?? {}, options.predefinedArgs));
  const froms = traceFroms(parts, args);
  const stages = args === undefined ? [] : traceStages(parts, args);
  return { file, options, instructions, froms, stages };
}

/** The tree's node of each instruction: both are in the order of the file. */
function nodesOf(file: Dockerfile): ReadonlyMap<Written, AstNode> {
  const written: Written[] = [...file.globalArgs];
  for (const stage of file.stages) written.push(stage.from, ...stage.instructions);
  const nodes = new Map<Written, AstNode>();
  for (const [index, each] of written.entries()) {
    const node = file.ast.children[index];
    if (node !== undefined) nodes.set(each, node);
  }
  return nodes;
}

function nodeOf(nodes: ReadonlyMap<Written, AstNode>, written: Written): AstNode {
  const node = nodes.get(written);
  if (node === undefined) throw new SlipwayError("internal", `No node for "${written.original}"`);
  return node;
}
