import { lexTemplate, type Token, type TokenKind } from "./lexer.ts";
import type { Command, Node, Operand, Pipe, Template } from "./nodes.ts";
import { TemplateError } from "./template-error.ts";
import { unquote } from "./unquote.ts";

const operandKinds: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "bool",
  "dot",
  "field",
  "identifier",
  "number",
  "string",
  "variable",
  "(",
]);

/** Reads a template. `functions`: the names it may call. Throws {@link TemplateError} in Go's words. Pure. */
export function parseTemplate(text: string, functions: ReadonlySet<string>): Template {
  return new Parser(text, functions).parse();
}

type Ending = { readonly nodes: Node[]; readonly end: "end" | "else" | "eof" };

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #functions: ReadonlySet<string>;
  readonly #defined = new Map<string, readonly Node[]>();
  #next = 0;
  #variables = ["$"];
  #loops = 0;

  constructor(text: string, functions: ReadonlySet<string>) {
    this.#text = text;
    this.#tokens = lexTemplate(text);
    this.#functions = functions;
  }

  parse(): Template {
    const { nodes, end } = this.#list();
    if (end !== "eof") this.#fail(`unexpected {{${end}}}`);
    return { text: this.#text, nodes, defined: this.#defined };
  }

  /** Up to the `{{end}}` or `{{else}}` that is not of an inner branch, or to the end of the text. */
  #list(): Ending {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === "eof") return { nodes, end: "eof" };
      if (token.kind === "text") {
        nodes.push({ kind: "text", at: token.at, text: token.value });
        continue;
      }
      if (token.kind !== "left") this.#unexpected(token, "input");
      const word = this.#peekWord();
      if (word.kind === "keyword" && (word.value === "end" || word.value === "else")) {
        this.#takeWord();
        if (word.value === "end") this.#close("end");
        return { nodes, end: word.value };
      }
      const node = this.#action(word);
      if (node !== undefined) nodes.push(node);
    }
  }

  #action(word: Token): Node | undefined {
    if (word.kind !== "keyword" || word.value === "nil") {
      const pipe = this.#pipe("command", "right");
      return { kind: "action", at: pipe.at, text: `{{${pipe.text}}}`, pipe };
    }
    this.#takeWord();
    switch (word.value) {
      case "if":
      case "with":
      case "range":
        return this.#branch(word.value, word.at);
      case "break":
      case "continue":
        return this.#jump(word.value, word.at);
      case "define":
        return this.#define();
      case "block":
        return this.#block();
      default:
        return this.#template();
    }
  }

  #branch(kind: "if" | "with" | "range", at: number): Node {
    const scope = this.#variables;
    this.#variables = [...scope];
    const pipe = this.#pipe(kind, "right");
    if (kind === "range") this.#loops += 1;
    const { nodes: body, end } = this.#list();
    if (kind === "range") this.#loops -= 1;
    if (end === "eof") this.#fail("unexpected EOF");
    const otherwise = end === "else" ? this.#else(kind) : [];
    this.#variables = scope;
    return { kind, at, text: `{{${kind} ${pipe.text}}}`, pipe, body, otherwise };
  }

  /** Behind `{{else`: another branch of the same kind, or what is done otherwise. */
  #else(kind: "if" | "with" | "range"): readonly Node[] {
    const word = this.#peekWord();
    if (kind !== "range" && word.kind === "keyword" && word.value === kind) {
      this.#takeWord();
      return [this.#branch(kind, word.at)];
    }
    this.#close("else");
    const { nodes, end } = this.#list();
    if (end === "eof") this.#fail("unexpected EOF");
    if (end === "else") this.#fail("expected end; found {{else}}");
    return nodes;
  }

  #jump(kind: "break" | "continue", at: number): Node {
    if (this.#loops === 0) this.#fail(`{{${kind}}} outside {{range}}`);
    this.#close(kind);
    return { kind, at, text: `{{${kind}}}` };
  }

  #define(): undefined {
    const { name } = this.#name("define clause");
    this.#close("define clause");
    this.#defined.set(name, this.#body());
    return undefined;
  }

  #block(): Node {
    const { name, token } = this.#name("block clause");
    const pipe = this.#pipe("block clause", "right");
    this.#defined.set(name, this.#body());
    return { kind: "template", at: token.at, text: `{{template ${token.value} ${pipe.text}}}`, name, pipe };
  }

  #body(): readonly Node[] {
    const scope = this.#variables;
    this.#variables = ["$"];
    const { nodes, end } = this.#list();
    if (end !== "end") this.#fail(end === "eof" ? "unexpected EOF" : "unexpected {{else}} in define clause");
    this.#variables = scope;
    return nodes;
  }

  #template(): Node {
    const { name, token } = this.#name("template clause");
    const isBare = this.#peekWord().kind === "right";
    if (isBare) this.#takeWord();
    const pipe = isBare ? undefined : this.#pipe("template clause", "right");
    const text = `{{template ${token.value}${pipe === undefined ? "" : ` ${pipe.text}`}}}`;
    return { kind: "template", at: token.at, text, name, pipe };
  }

  #name(context: string): { name: string; token: Token } {
    const token = this.#takeWord();
    if (token.kind !== "string") this.#unexpected(token, context);
    return { name: unquote(token.value) ?? "", token };
  }

  #pipe(context: string, end: "right" | ")"): Pipe {
    const { at } = this.#peekWord();
    const { declared, isAssign } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#takeWord();
      if (token.kind === end) break;
      if (!operandKinds.has(token.kind) && !(token.kind === "keyword" && token.value === "nil"))
        this.#unexpected(token, context);
      this.#next -= 1;
      commands.push(this.#command());
    }
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    const stage = commands.findIndex((command, index) => index > 0 && !isExecutable(command.operands[0]));
    if (stage > 0) this.#fail(`non executable command in pipeline stage ${stage + 1}`);
    const head = declared.length === 0 ? "" : `${declared.join(", ")} ${isAssign ? "=" : ":="} `;
    const text = head + commands.map((command) => command.text).join(" | ");
    return { at, text, declared, isAssign, commands };
  }

  /** `$x :=`, `$i, $x :=` of a range, `$x =`. Nothing is read when none stands there. */
  #declarations(context: string): { declared: string[]; isAssign: boolean } {
    const declared: string[] = [];
    const start = this.#next;
    while (this.#peekWord().kind === "variable") {
      const { value } = this.#takeWord();
      const { kind } = this.#peekWord();
      if (kind !== "," && kind !== ":=" && kind !== "=") break;
      this.#takeWord();
      declared.push(value);
      if (kind !== ",") {
        if (kind === ":=") this.#variables.push(...declared);
        else for (const name of declared) this.#known(name);
        return { declared, isAssign: kind === "=" };
      }
      if (context !== "range" || declared.length > 1) this.#fail(`too many declarations in ${context}`);
      if (this.#peekWord().kind !== "variable") this.#fail("range can only initialize variables");
    }
    this.#next = start;
    return { declared: [], isAssign: false };
  }

  #command(): Command {
    const { at } = this.#peekWord();
    const operands: Operand[] = [];
    for (;;) {
      this.#peekWord();
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      const token = this.#take();
      if (token.kind === "space") continue;
      if (token.kind === "right" || token.kind === ")") this.#next -= 1;
      else if (token.kind !== "pipe") this.#unexpected(token, "operand");
      else if (["right", ")"].includes(this.#peekWord().kind)) this.#fail("missing value for command");
      break;
    }
    const [first, ...others] = operands;
    if (first === undefined) this.#fail("empty command");
    return { at, text: operands.map((operand) => operand.text).join(" "), operands: [first, ...others] };
  }

  /** A term and the fields that are glued to it. */
  #operand(): Operand | undefined {
    const term = this.#term();
    const first = this.#peek();
    if (term === undefined || first.kind !== "field") return term;
    const names: string[] = [];
    while (this.#peek().kind === "field") names.push(this.#take().value.slice(1));
    const glued = names.map((name) => `.${name}`).join("");
    if (term.kind === "field" || term.kind === "variable")
      return { ...term, at: first.at, text: term.text + glued, names: [...term.names, ...names] };
    if (term.kind === "constant" || term.kind === "nil" || term.kind === "dot")
      this.#fail(`unexpected . after term ${JSON.stringify(term.text)}`);
    return { kind: "chain", at: first.at, text: term.text + glued, of: term, names };
  }

  #term(): Operand | undefined {
    const token = this.#peek();
    const { at, value: text } = token;
    this.#next += 1;
    switch (token.kind) {
      case "identifier":
        if (!this.#functions.has(text)) this.#fail(`function ${JSON.stringify(text)} not defined`);
        return { kind: "function", at, text, name: text };
      case "dot":
        return { kind: "dot", at, text };
      case "keyword":
        if (text === "nil") return { kind: "nil", at, text };
        break;
      case "variable":
        this.#known(text);
        return { kind: "variable", at, text, name: text, names: [] };
      case "field":
        return { kind: "field", at, text, names: [text.slice(1)] };
      case "bool":
        return { kind: "constant", at, text, value: text === "true" };
      case "number":
        return { kind: "constant", at, text, value: this.#number(text) };
      case "string":
        return { kind: "constant", at, text, value: this.#string(text) };
      case "(": {
        const pipe = this.#pipe("parenthesized pipeline", ")");
        return { kind: "pipe", at, text: `(${pipe.text})`, pipe };
      }
      default:
    }
    this.#next -= 1;
    return undefined;
  }

  #number(text: string): number {
    if (text.startsWith("'")) {
      const character = text === `'"'` ? '"' : unquote(text);
      const code = character?.codePointAt(0);
      if (code === undefined) this.#fail(`malformed character constant: ${text}`);
      return code;
    }
    const sign = text.startsWith("-") ? -1 : 1;
    const digits = text.replace(/^[+-]/, "").replaceAll("_", "");
    const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
    if (Number.isNaN(value) || /^[\p{L}_.]/u.test(this.#peek().value))
      this.#fail(`bad number syntax: ${JSON.stringify(text + this.#peek().value)}`);
    return sign * value;
  }

  #string(literal: string): string {
    const text = unquote(literal);
    if (text === undefined) this.#fail("invalid syntax");
    return text;
  }

  #known(variable: string): void {
    if (!this.#variables.includes(variable)) this.#fail(`undefined variable ${JSON.stringify(variable)}`);
  }

  #close(context: string): void {
    const token = this.#takeWord();
    if (token.kind !== "right") this.#unexpected(token, context);
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: "eof", value: "", at: this.#text.length, line: 1 };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #peekWord(): Token {
    while (this.#peek().kind === "space") this.#next += 1;
    return this.#peek();
  }

  #takeWord(): Token {
    this.#peekWord();
    return this.#take();
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind === "error") this.#fail(token.value);
    if (token.kind === "eof") this.#fail("unexpected EOF");
    const shown = token.kind === "keyword" ? `<${token.value}>` : JSON.stringify(token.value);
    return this.#fail(`unexpected ${shown} in ${context}`);
  }

  #fail(message: string): never {
    const last = this.#tokens[Math.min(this.#next, this.#tokens.length) - 1] ?? this.#tokens[0];
    throw new TemplateError(`:${last?.line ?? 1}: ${message}`, true);
  }
}

function isExecutable({ kind }: Operand): boolean {
  return kind !== "constant" && kind !== "dot" && kind !== "nil";
}
