import type { AstNode } from "./ast.ts";
import { chompTabs, parseHeredocWord, type Heredoc } from "./heredoc.ts";
import type { AddInstruction, CopyInstruction } from "./instruction.ts";
import type { InstructionFlags } from "./instruction-flags.ts";
import { LineProblem } from "./line-parsers.ts";

type Parts<T> = Omit<T, "kind" | "location" | "original">;

/** The arguments of COPY (Dockerfile reference, "COPY"). Throws a {@link LineProblem}. */
export function parseCopy(
  node: AstNode,
  args: readonly string[],
  flags: InstructionFlags,
): Parts<CopyInstruction> {
  const from = flags.value("from");
  if (from !== undefined && /\$./.test(from))
    throw new LineProblem(
      "variable expansion is not supported for --from, define a new stage with FROM using ARG from global " +
        "scope as a workaround",
    );
  return {
    ...parseFiles("COPY", node, args, flags),
    ...(from !== undefined && { from }),
    parents: flags.isOn("parents"),
  };
}

/** The arguments of ADD (Dockerfile reference, "ADD"). Throws a {@link LineProblem}. */
export function parseAdd(
  node: AstNode,
  args: readonly string[],
  flags: InstructionFlags,
): Parts<AddInstruction> {
  const checksum = flags.value("checksum");
  return {
    ...parseFiles("ADD", node, args, flags),
    ...(checksum !== undefined && { checksum }),
    keepGitDir: flags.isOn("keep-git-dir"),
    ...(flags.has("unpack") && { unpack: flags.isOn("unpack") }),
  };
}

function parseFiles(
  keyword: string,
  node: AstNode,
  args: readonly string[],
  flags: InstructionFlags,
): Omit<Parts<CopyInstruction>, "from" | "parents"> {
  const destination = args.at(-1);
  if (destination === undefined || args.length < 2)
    throw new LineProblem(
      `${keyword} requires at least two arguments, but only ${args.length === 0 ? "none" : "one"} was provided. ` +
        "Destination could not be determined",
    );
  if (!node.json && parseHeredocWord(destination) !== undefined)
    throw new LineProblem(`${keyword} cannot accept a heredoc as a destination`);
  const chown = flags.value("chown");
  const chmod = flags.value("chmod");
  return {
    ...splitSources(node, args.slice(0, -1)),
    destination,
    ...(chown !== undefined && { chown }),
    ...(chmod !== undefined && { chmod }),
    link: flags.isOn("link"),
    excludes: flags.values("exclude"),
  };
}

/** Sources that open a here-document are its content; the others are paths. */
function splitSources(
  node: AstNode,
  args: readonly string[],
): { sources: readonly string[]; heredocs: readonly Heredoc[] } {
  if (node.heredocs.length === 0) return { sources: args, heredocs: [] };
  const sources: string[] = [];
  const heredocs: Heredoc[] = [];
  for (const arg of args) {
    const opened = parseHeredocWord(arg);
    const heredoc = node.heredocs.find(({ name }) => name === opened?.name);
    if (heredoc === undefined) sources.push(arg);
    else heredocs.push(heredoc.chomp ? { ...heredoc, content: chompTabs(heredoc.content) } : heredoc);
  }
  return { sources, heredocs };
}
