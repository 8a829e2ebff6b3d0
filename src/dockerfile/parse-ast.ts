import { SlipwayError } from "../errors.ts";
import type { AstNode } from "./ast.ts";
import { DirectiveReader, type Directives } from "./directives.ts";
import { DockerfileError } from "./dockerfile-error.ts";
import { trimEnd, trimSpace, trimStart } from "./go-space.ts";
import { heredocsOfLine, type Heredoc } from "./heredoc.ts";
import { lineParsers, LineProblem, type Arguments } from "./line-parsers.ts";
import type { SourceLocation } from "./source-location.ts";
import { splitInstruction } from "./split-instruction.ts";

/** What the parser notes but accepts. */
export interface ParseWarning {
  readonly text: string;
  readonly line: number;
}

export interface ParsedText {
  readonly directives: Directives;
  /** The root: its children are the instructions. */
  readonly ast: AstNode;
  readonly warnings: readonly ParseWarning[];
}

/** Reads a Dockerfile's lines into a syntax tree. Throws {@link DockerfileError}. */
export function parseAst(text: string, options: { readonly filename?: string } = {}): ParsedText {
  return new AstParser(text, options.filename).parse();
}

const maxTriggerDepth = 8;
const withHeredocs = new Set(["add", "copy", "run"]);

class AstParser {
  readonly #lines: readonly string[];
  readonly #file: string | undefined;
  readonly #reader = new DirectiveReader();
  readonly #children: AstNode[] = [];
  readonly #warnings: ParseWarning[] = [];
  #comments: string[] = [];
  #commentLine = 0;
  /** Index of the line to read next, which is the number of the line read last. */
  #at = 0;

  constructor(text: string, filename: string | undefined) {
    this.#lines = splitLines(text.startsWith("\uFEFF") ? text.slice(1) : text);
    this.#file = filename;
  }

  parse(): ParsedText {
    while (this.#at < this.#lines.length) this.#entry();
    const [first] = this.#children;
    if (first === undefined)
      throw new DockerfileError("file with no instructions", this.#location(Math.max(this.#lines.length, 1)));
    const location = { ...first.location, endLine: this.#children.at(-1)?.location.endLine ?? 1 };
    return {
      directives: this.#reader.directives,
      ast: rootNode(this.#children, location),
      warnings: this.#warnings,
    };
  }

  /** A directive, a comment, an empty line, or an instruction with all its lines. */
  #entry(): void {
    const line = withoutNewline(this.#lines[this.#at] ?? "");
    this.#at += 1;
    const start = this.#at;
    const { isDirective, problem } = this.#reader.take(line);
    if (problem !== undefined) throw new DockerfileError(problem, this.#location(start));
    if (isDirective) return;
    const trimmed = trimStart(line);
    if (trimmed.startsWith("#")) this.#comment(trimSpace(line.slice(1)));
    else if (trimmed !== "") this.#instruction(trimmed, start);
  }

  /**
   * An empty comment line ends a description; an empty line does not. As in BuildKit, an indented comment keeps its
   * `#`, so that the lint rules on descriptions pass over it.
   */
  #comment(text: string): void {
    this.#commentLine = this.#at;
    if (text === "") this.#comments = [];
    else this.#comments.push(text);
  }

  #instruction(first: string, start: number): void {
    const text = this.#joinContinued(first);
    if (text === "") return;
    const comments = this.#comments;
    this.#comments = [];
    try {
      const node = this.#node(text, comments, this.#location(start));
      const heredocs = mayHaveHeredoc(node) ? this.#heredocs(text, start) : [];
      const location = this.#location(start);
      const commentLine = comments.length === 0 ? {} : { commentLine: this.#commentLine };
      this.#children.push({ ...node, ...commentLine, heredocs, location });
    } catch (error) {
      const known =
        error instanceof LineProblem ||
        (error instanceof SlipwayError && !(error instanceof DockerfileError));
      if (!known) throw error;
      throw new DockerfileError(error.message, this.#location(start), { cause: error });
    }
  }

  /** Appends lines while the escape character ends them; comments and empty lines between are skipped. */
  #joinContinued(first: string): string {
    let { text, continues } = this.#continuation(first);
    let hasEmptyLine = false;
    while (continues && this.#at < this.#lines.length) {
      const line = withoutNewline(this.#lines[this.#at] ?? "");
      this.#at += 1;
      const trimmed = trimStart(line);
      if (trimmed.startsWith("#")) continue;
      if (trimmed === "") {
        hasEmptyLine = true;
        continue;
      }
      const next = this.#continuation(line);
      text += next.text;
      continues = next.continues;
    }
    if (hasEmptyLine)
      this.#warnings.push({ text: `Empty continuation line found in: ${text}`, line: this.#at });
    return text;
  }

  /** Two escape characters at the end are one that is escaped. */
  #continuation(line: string): { text: string; continues: boolean } {
    const { escape } = this.#reader.directives;
    const end = trimEnd(line, (char) => char === " " || char === "\t");
    const continues = end.endsWith(escape) && end.at(-2) !== escape;
    return { text: continues ? end.slice(0, -1) : line, continues };
  }

  #node(text: string, comments: readonly string[], location: SourceLocation, depth = 0): AstNode {
    const { keyword, flags, rest } = splitInstruction(text);
    const name = keyword.toLowerCase();
    // One ONBUILD in another is refused later by name; a thousand of them would exhaust the stack here.
    if (depth > maxTriggerDepth)
      throw new LineProblem("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    const parse = Object.hasOwn(lineParsers, name) ? lineParsers[name] : undefined;
    const parsed: Arguments = parse?.(rest, this.#reader.directives.escape) ?? { values: [""], json: false };
    const next =
      parsed.trigger === true
        ? this.#trigger(parsed.values[0] ?? "", location, depth)
        : chain(parsed.values, location);
    return {
      value: keyword,
      next,
      children: [],
      json: parsed.json,
      original: text,
      flags,
      heredocs: [],
      comments,
      location,
    };
  }

  #trigger(text: string, location: SourceLocation, depth: number): AstNode {
    return rootNode([this.#node(text, [], location, depth + 1)], location);
  }

  #heredocs(text: string, start: number): readonly Heredoc[] {
    if (!text.includes("<<")) return [];
    return heredocsOfLine(text).map((heredoc) => ({
      ...heredoc,
      content: this.#heredocContent(heredoc, start),
    }));
  }

  #heredocContent(heredoc: Heredoc, start: number): string {
    let content = "";
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at] ?? "";
      this.#at += 1;
      const end = withoutNewline(line);
      if ((heredoc.chomp ? end.replace(/^\t+/, "") : end) === heredoc.name) return content;
      content += line;
    }
    throw new DockerfileError("unterminated heredoc", this.#location(start));
  }

  #location(startLine: number): SourceLocation {
    const endLine = Math.max(this.#at, startLine);
    return { ...(this.#file !== undefined && { file: this.#file }), startLine, endLine };
  }
}

function mayHaveHeredoc(node: AstNode): boolean {
  const name = node.value.toLowerCase();
  const [trigger] = node.next?.children ?? [];
  if (name === "onbuild") return trigger !== undefined && mayHaveHeredoc(trigger);
  return withHeredocs.has(name) && !node.json;
}

function chain(values: readonly string[], location: SourceLocation): AstNode | undefined {
  return values.reduceRight<AstNode | undefined>(
    (next, value) => ({ ...rootNode([], location), value, next }),
    undefined,
  );
}

function rootNode(children: readonly AstNode[], location: SourceLocation): AstNode {
  return { value: "", children, json: false, original: "", flags: [], heredocs: [], comments: [], location };
}

/** The lines, each with its newline. */
function splitLines(text: string): readonly string[] {
  const lines = text.split(/(?<=\n)/);
  return lines.length === 1 && lines[0] === "" ? [] : lines;
}

function withoutNewline(line: string): string {
  return trimEnd(line, (char) => char === "\r" || char === "\n");
}
