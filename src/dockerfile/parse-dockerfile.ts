import type { AstNode } from "./ast.ts";
import type { Dockerfile } from "./dockerfile.ts";
import { DockerfileError } from "./dockerfile-error.ts";
import type { ArgInstruction, FromInstruction, Instruction, Stage } from "./instruction.ts";
import { parseAst } from "./parse-ast.ts";
import { parseInstruction } from "./parse-instruction.ts";

/** A Dockerfile larger than this is no Dockerfile; characters. */
const maxLength = 16 * 1024 * 1024;

/**
 * Parses a Dockerfile into stages of typed instructions (Dockerfile reference). Pure: nothing is expanded, read or
 * fetched. `filename` is named in errors and locations. Throws {@link DockerfileError}.
 */
export function parseDockerfile(text: string, options: { readonly filename?: string } = {}): Dockerfile {
  const { file, error } = parseUntilError(text, options);
  if (error !== undefined) throw error;
  return file;
}

/**
 * As {@link parseDockerfile}, but with what stands before the first instruction that is wrong, and its error. Throws
 * {@link DockerfileError} where the text cannot be split into instructions.
 */
export function parseUntilError(
  text: string,
  options: { readonly filename?: string } = {},
): { readonly file: Dockerfile; readonly error?: DockerfileError } {
  if (text.length > maxLength) {
    const file = options.filename === undefined ? {} : { file: options.filename };
    throw new DockerfileError(`file is larger than ${maxLength} characters`, {
      ...file,
      startLine: 1,
      endLine: 1,
    });
  }
  const { ast, directives, warnings } = parseAst(text, options);
  const globalArgs: ArgInstruction[] = [];
  const stages: StageParts[] = [];
  const error = firstError(ast, globalArgs, stages);
  const file = { directives, globalArgs, stages: stages.map(toStage), ast, warnings };
  return error === undefined ? { file } : { file, error };
}

function firstError(
  ast: AstNode,
  globalArgs: ArgInstruction[],
  stages: StageParts[],
): DockerfileError | undefined {
  try {
    for (const node of ast.children) add(node, globalArgs, stages);
    return undefined;
  } catch (error) {
    if (error instanceof DockerfileError) return error;
    throw error;
  }
}

/**
 * Parses the text of an ONBUILD trigger, as an image config stores it. Lines in errors count within the text.
 * Throws {@link DockerfileError}.
 */
export function parseOnbuildTrigger(text: string): Instruction {
  const [node, ...more] = parseAst(text, { filename: "ONBUILD" }).ast.children;
  const parsed = node && parseInstruction(node);
  const location = { file: "ONBUILD", startLine: 1, endLine: 1 };
  if (parsed === undefined || more.length > 0)
    throw new DockerfileError("not a single instruction", location);
  if (parsed.kind === "from" || parsed.kind === "onbuild" || parsed.kind === "maintainer")
    throw new DockerfileError(`${parsed.kind.toUpperCase()} isn't allowed as an ONBUILD trigger`, location);
  return parsed;
}

interface StageParts {
  readonly from: FromInstruction;
  readonly instructions: Instruction[];
}

function add(node: AstNode, globalArgs: ArgInstruction[], stages: StageParts[]): void {
  const parsed = parseInstruction(node);
  const stage = stages.at(-1);
  if (parsed.kind === "from") stages.push({ from: parsed, instructions: [] });
  else if (stage !== undefined) stage.instructions.push(parsed);
  else if (parsed.kind === "arg") globalArgs.push(parsed);
  else throw new DockerfileError("no build stage in current context", parsed.location);
}

function toStage({ from, instructions }: StageParts, index: number): Stage {
  const { endLine } = (instructions.at(-1) ?? from).location;
  const name = from.alias === undefined ? {} : { name: from.alias };
  return { index, ...name, from, instructions, location: { ...from.location, endLine } };
}
