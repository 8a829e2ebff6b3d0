import { SlipwayError } from "../errors.ts";
import { isSpace } from "./go-space.ts";
import { ShellPattern } from "./shell-pattern.ts";

/** The value of a variable; undefined when it is not set. */
export type EnvLookup = (name: string) => string | undefined;

export interface ExpandOptions {
  /** The escape character of the file: `\` (default) or a backtick. */
  readonly escape?: string;
  /** Keep quotes in the result. */
  readonly rawQuotes?: boolean;
  /** Keep escape characters in the result. */
  readonly rawEscapes?: boolean;
  /** Quotes mean nothing: the text is the content of a here-document. */
  readonly plainQuotes?: boolean;
  /** Leave variables that are not set as they are written. */
  readonly skipUnset?: boolean;
}

export interface Expansion {
  readonly text: string;
  /** The text split at white space that was not quoted; values of variables are split as well. */
  readonly words: readonly string[];
  /** Variables asked for and set. */
  readonly matched: ReadonlySet<string>;
  /** Variables asked for and not set. */
  readonly unmatched: ReadonlySet<string>;
}

/**
 * Expands variables and removes quotes and escapes (Dockerfile reference, "Environment replacement"):
 * `$name`, `${name}`, and the modifiers `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`. Throws
 * `invalid_argument`.
 */
export function expandWord(text: string, lookup: EnvLookup, options: ExpandOptions = {}): string {
  return expandWords(text, lookup, options).text;
}

/** As {@link expandWord}, with the words and the variables asked for. */
export function expandWords(text: string, lookup: EnvLookup, options: ExpandOptions = {}): Expansion {
  const expander = new Expander(text, lookup, options);
  try {
    const { text: expanded, words } = expander.run();
    return { text: expanded, words, matched: expander.matched, unmatched: expander.unmatched };
  } catch (error) {
    if (!(error instanceof SyntaxFailure)) throw error;
    throw new SlipwayError(
      "invalid_argument",
      `failed to process ${JSON.stringify(text)}: ${error.message}`,
      { cause: error },
    );
  }
}

class SyntaxFailure extends Error {}

/** Deeper nesting of `${a:-${b:-…}}` is an attack, not a Dockerfile. */
const maxDepth = 200;
const specialParameters = "@*#?-$!0";
const letterOrDigit = /^[\p{L}\p{Nd}_]/u;
const digit = /^\p{Nd}/u;

/** One pass over one text. */
class Expander {
  readonly matched = new Set<string>();
  readonly unmatched = new Set<string>();
  readonly #chars: readonly string[];
  readonly #lookup: EnvLookup;
  readonly #options: ExpandOptions;
  readonly #escape: string;
  #rawEscapes: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, lookup: EnvLookup, options: ExpandOptions) {
    this.#chars = [...text];
    this.#lookup = lookup;
    this.#options = options;
    this.#escape = options.escape ?? "\\";
    this.#rawEscapes = options.rawEscapes ?? false;
  }

  run(): { text: string; words: readonly string[] } {
    const words = new WordList();
    return { text: this.#until(undefined, words), words: words.take() };
  }

  get #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #next(): string | undefined {
    const char = this.#chars[this.#at];
    if (char !== undefined) this.#at += 1;
    return char;
  }

  /** Up to `stop`, which is taken too; up to the end when undefined. */
  #until(stop: string | undefined, words = new WordList()): string {
    let result = "";
    for (let char = this.#peek; char !== undefined; char = this.#peek) {
      if (char === stop) {
        this.#at += 1;
        return result;
      }
      result += this.#piece(char, words);
    }
    if (stop === undefined) return result;
    throw new SyntaxFailure(`unexpected end of statement while looking for matching ${stop}`);
  }

  #piece(char: string, words: WordList): string {
    if (char === "$") return words.splittable(this.#dollar());
    if (char === "'" && this.#options.plainQuotes !== true) return words.quoted(this.#singleQuoted());
    if (char === '"' && this.#options.plainQuotes !== true) return words.quoted(this.#doubleQuoted());
    this.#at += 1;
    if (char !== this.#escape) return words.splittable(char);
    const escaped = this.#next() ?? "";
    const kept = (this.#rawEscapes ? char : "") + escaped;
    return kept === "" ? "" : words.quoted(kept);
  }

  #singleQuoted(): string {
    const start = this.#at;
    const end = this.#chars.indexOf("'", start + 1);
    if (end === -1) {
      this.#at = this.#chars.length;
      throw new SyntaxFailure("unexpected end of statement while looking for matching single-quote");
    }
    this.#at = end + 1;
    return this.#quotes(this.#chars.slice(start + 1, end).join(""), "'");
  }

  #doubleQuoted(): string {
    this.#at += 1;
    let result = "";
    for (let char = this.#peek; char !== undefined; char = this.#peek) {
      if (char === '"') {
        this.#at += 1;
        return this.#quotes(result, '"');
      }
      result += char === "$" ? this.#dollar() : this.#quotedChar();
    }
    throw new SyntaxFailure("unexpected end of statement while looking for matching double-quote");
  }

  /** In double quotes only `"`, `$` and the escape character can be escaped; before others it stays. */
  #quotedChar(): string {
    const char = this.#next() ?? "";
    if (char !== this.#escape) return char;
    const next = this.#peek;
    const kept = this.#rawEscapes ? char : "";
    if (next === undefined) return kept;
    if (next !== '"' && next !== "$" && next !== this.#escape) return char;
    this.#at += 1;
    return kept + next;
  }

  #quotes(text: string, quote: string): string {
    return this.#options.rawQuotes === true ? quote + text + quote : text;
  }

  #dollar(): string {
    this.#at += 1;
    if (this.#peek === "{") return this.#braced();
    const name = this.#name();
    if (name === "") return "$";
    const value = this.#get(name);
    return value ?? (this.#options.skipUnset === true ? `$${name}` : "");
  }

  #braced(): string {
    this.#at += 1;
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new SyntaxFailure("substitutions are nested too deeply");
    const first = this.#peek;
    if (first === undefined) throw new SyntaxFailure("syntax error: missing '}'");
    if ("{}:".includes(first)) throw new SyntaxFailure("syntax error: bad substitution");
    const result = this.#substitute(this.#name());
    this.#depth -= 1;
    return result;
  }

  #substitute(name: string): string {
    const char = this.#next() ?? "";
    if (char === "}") return this.#get(name) ?? (this.#options.skipUnset === true ? `\${${name}}` : "");
    if (char === "/") return this.#replace(name);
    const modifier = char === ":" ? (this.#next() ?? "") : char;
    const spelled = char === ":" ? char + modifier : char;
    const trims = modifier === "#" || modifier === "%";
    if (modifier === "" || !"+-?#%".includes(modifier) || (trims && char === ":"))
      throw new SyntaxFailure(`unsupported modifier (${spelled}) in substitution`);
    const word = this.#inner("}", trims, "syntax error: missing '}'");
    const value = this.#get(name);
    if (value === undefined && this.#options.skipUnset === true) return `\${${name}${spelled}${word}}`;
    if (trims) return trim(value ?? "", modifier, word);
    const missing = value === undefined || (char === ":" && value === "");
    if (modifier === "-") return missing ? word : (value ?? "");
    if (modifier === "+") return missing ? "" : word;
    if (!missing) return value ?? "";
    const fallback = value === undefined ? "is not allowed to be unset" : "is not allowed to be empty";
    throw new SyntaxFailure(`${name}: ${word === "" ? fallback : word}`);
  }

  #replace(name: string): string {
    const all = this.#peek === "/";
    if (all) this.#at += 1;
    const pattern = this.#inner("/", true, "syntax error: missing '/' in ${}");
    const replacement = this.#inner("}", true, "syntax error: missing '}'");
    const value = this.#get(name);
    if (value === undefined && this.#options.skipUnset === true)
      return `\${${name}/${all ? "/" : ""}${pattern}/${replacement}}`;
    return shellPattern(pattern).replace(value ?? "", replacement, all);
  }

  /** What stands inside a substitution; patterns keep their escapes. */
  #inner(stop: string, rawEscapes: boolean, atEnd: string): string {
    const outer = this.#rawEscapes;
    this.#rawEscapes = rawEscapes;
    try {
      return this.#until(stop);
    } catch (error) {
      if (error instanceof SyntaxFailure && this.#peek === undefined) throw new SyntaxFailure(atEnd);
      throw error;
    } finally {
      this.#rawEscapes = outer;
    }
  }

  /** A name, a number, or one special parameter; empty when none of them stands here. */
  #name(): string {
    const first = this.#peek ?? "";
    if (first !== "" && specialParameters.includes(first) && !digit.test(first)) {
      this.#at += 1;
      return first;
    }
    const pattern = digit.test(first) ? digit : letterOrDigit;
    let name = "";
    for (let char = this.#peek; char !== undefined && pattern.test(char); char = this.#peek) {
      name += char;
      this.#at += 1;
    }
    return name;
  }

  #get(name: string): string | undefined {
    const value = this.#lookup(name);
    (value === undefined ? this.unmatched : this.matched).add(name);
    return value;
  }
}

function trim(value: string, modifier: string, word: string): string {
  const longest = word.startsWith(modifier);
  const pattern = shellPattern(longest ? word.slice(1) : word);
  return modifier === "#" ? pattern.trimPrefix(value, longest) : pattern.trimSuffix(value, longest);
}

function shellPattern(pattern: string): ShellPattern {
  try {
    return new ShellPattern(pattern);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    throw new SyntaxFailure(`invalid pattern (${pattern}) in substitution: ${error.message}`);
  }
}

/** Collects words: white space ends one, unless it was quoted. Each method returns its argument. */
class WordList {
  readonly #words: string[] = [];
  #word = "";

  splittable(text: string): string {
    for (const char of text)
      if (isSpace(char)) this.#end();
      else this.#word += char;
    return text;
  }

  quoted(text: string): string {
    this.#word += text;
    return text;
  }

  take(): readonly string[] {
    this.#end();
    return this.#words;
  }

  #end(): void {
    if (this.#word !== "") this.#words.push(this.#word);
    this.#word = "";
  }
}
