/** Kinds of Go's text/template tokens that the parser tells apart. */
export type TokenKind =
  | "text"
  | "left"
  | "right"
  | "field"
  | "variable"
  | "identifier"
  | "keyword"
  | "dot"
  | "bool"
  | "number"
  | "string"
  | "pipe"
  | "("
  | ")"
  | "="
  | ":="
  | ","
  | "space"
  | "eof"
  | "error";

export interface Token {
  readonly kind: TokenKind;
  readonly value: string;
  /** offset in the template */
  readonly at: number;
  /** from 1 */
  readonly line: number;
}

const keywords = new Set("block break continue define else end if range nil template with".split(" "));

/** What may stand inside an action, in the order it is tried. */
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["space", /[ \t\r\n]+/y],
  [":=", /:=/y],
  ["=", /=/y],
  ["pipe", /\|/y],
  ["(", /\(/y],
  [")", /\)/y],
  [",", /,/y],
  ["string", /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y],
  ["number", /'(?:[^'\\\n]|\\[^\n]+?)'|[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+)/y],
  ["number", /[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ["field", /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["variable", /\$(?:[\p{L}_][\p{L}\p{Nd}_]*)?/uy],
  ["identifier", /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["dot", /\./y],
];

/**
 * Splits a template into tokens. What cannot be read becomes an `error` token, whose value says why, and ends the
 * list: the parser reports it when it gets there. Pure.
 */
export function lexTemplate(text: string): Token[] {
  return new Lexer(text).run();
}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Token[] {
    let trim = false;
    for (;;) {
      const open = this.#text.indexOf("{{", this.#at);
      if (open < 0) break;
      const trimsLeft = /^\{\{-[ \t\r\n]/.test(this.#text.slice(open, open + 4));
      this.#words(open, trim, trimsLeft);
      const end = this.#action(trimsLeft);
      if (end === undefined) return this.#tokens;
      trim = end;
    }
    this.#words(this.#text.length, trim, false);
    this.#push("eof", "");
    return this.#tokens;
  }

  /** Text up to `end`, without the space that neighbouring actions trim. */
  #words(end: number, trimStart: boolean, trimEnd: boolean): void {
    const whole = this.#text.slice(this.#at, end);
    const started = trimStart ? whole.replace(/^[ \t\r\n]+/, "") : whole;
    const shown = trimEnd ? started.replace(/[ \t\r\n]+$/, "") : started;
    if (shown !== "") this.#tokens.push({ kind: "text", value: shown, at: this.#at, line: this.#line });
    this.#advance(whole);
  }

  /** One `{{…}}`. True when it trims what follows; undefined when it could not be read. */
  #action(trimsLeft: boolean): boolean | undefined {
    const opening = this.#text.slice(this.#at, this.#at + (trimsLeft ? 4 : 2));
    const comment = /\/\*[\s\S]*?\*\/([ \t\r\n]+-)?\}\}/y;
    comment.lastIndex = this.#at + opening.length;
    if (this.#text.startsWith("/*", this.#at + opening.length)) {
      const match = comment.exec(this.#text);
      if (match === null) return this.#fail("unclosed comment");
      this.#advance(opening + match[0]);
      return match[1] !== undefined;
    }
    this.#push("left", "{{");
    this.#advance(opening);
    return this.#inside();
  }

  #inside(): boolean | undefined {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const closing = /^(?:[ \t\r\n]+-)?\}\}/.exec(this.#text.slice(this.#at));
      if (closing !== null) {
        if (depth > 0) return this.#fail("unclosed left paren");
        this.#push("right", "}}");
        this.#advance(closing[0]);
        return closing[0] !== "}}";
      }
      const kind = this.#token();
      if (kind === undefined) return undefined;
      depth += kind === "(" ? 1 : kind === ")" ? -1 : 0;
      if (depth < 0) return this.#fail("unexpected right paren");
    }
    return this.#fail("unclosed action");
  }

  #token(): TokenKind | undefined {
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = this.#at;
      const found = pattern.exec(this.#text)?.[0];
      if (found === undefined) continue;
      const word = kind === "identifier" ? wordKind(found) : kind;
      this.#push(word, found);
      this.#advance(found);
      return word;
    }
    return this.#fail(this.#complaint());
  }

  #complaint(): string {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    if (character === '"') return "unterminated quoted string";
    if (character === "`") return "unterminated raw quoted string";
    if (character === "'") return "unterminated character constant";
    if (character === ":") return "expected :=";
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `unexpected bad character U+${code} '${character}' in command`;
  }

  #fail(why: string): undefined {
    this.#push("error", why);
    return undefined;
  }

  #push(kind: TokenKind, value: string): void {
    this.#tokens.push({ kind, value, at: this.#at, line: this.#line });
  }

  #advance(text: string): void {
    this.#at += text.length;
    this.#line += text.split("\n").length - 1;
  }
}

function wordKind(word: string): TokenKind {
  if (word === "true" || word === "false") return "bool";
  return keywords.has(word) ? "keyword" : "identifier";
}
