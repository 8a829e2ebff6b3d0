import { nearestName } from "../../dockerfile/suggest.ts";
import type { Flag, Flags, FlagValues } from "./flag.ts";

/** Bad words on the command line: shown with the command's usage, exit code 125. */
export class UsageError extends Error {}

export interface ParsedArguments<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly args: readonly string[];
  /** Names of the flags that were given. */
  readonly given: ReadonlySet<string>;
}

/**
 * Splits words into flags and arguments by pflag's grammar: `--name value`, `--name=value`, `-n value`, `-nvalue`,
 * `-n=value`, `-abc` for switches, `--` ends the flags. With `interspersed` false the first argument ends them too,
 * as for `run IMAGE COMMAND -x`. Throws {@link UsageError} in pflag's words. Pure.
 */
export function parseFlags<F extends Flags>(
  words: readonly string[],
  flags: F,
  { interspersed = true }: { interspersed?: boolean } = {},
): ParsedArguments<F> {
  const parser = new Parser(flags);
  const args: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") return parser.result([...args, ...rest]);
    if (word.startsWith("--")) parser.long(word, rest);
    else if (word.startsWith("-") && word !== "-") parser.short(word, rest);
    else if (interspersed) args.push(word);
    else return parser.result([word, ...rest]);
  }
  return parser.result(args);
}

class Parser<F extends Flags> {
  readonly #flags: F;
  readonly #values: Record<string, unknown> = {};
  readonly #given = new Set<string>();
  readonly #byShort = new Map<string, string>();
  readonly #byAlias = new Map<string, string>();

  constructor(flags: F) {
    this.#flags = flags;
    for (const [name, flag] of Object.entries(flags)) {
      this.#values[name] = flag.initial;
      if (flag.short !== undefined) this.#byShort.set(flag.short, name);
      if (flag.alias !== undefined) this.#byAlias.set(flag.alias, name);
    }
  }

  result(args: readonly string[]): ParsedArguments<F> {
    return { flags: this.#values as FlagValues<F>, args, given: this.#given };
  }

  long(word: string, rest: string[]): void {
    const equals = word.indexOf("=");
    const written = word.slice(2, equals < 0 ? undefined : equals);
    const name = this.#byAlias.get(written) ?? written;
    if (name === "" || name.startsWith("-")) throw new UsageError(`bad flag syntax: ${word}`);
    const flag = this.#flags[name];
    if (flag === undefined || !Object.hasOwn(this.#flags, name))
      throw new UsageError(`unknown flag: --${name}${didYouMeanFlag(name, Object.keys(this.#flags))}`);
    if (equals >= 0) return this.#set(name, flag, word.slice(equals + 1));
    const value = flag.bare ?? rest.shift();
    if (value === undefined) throw new UsageError(`flag needs an argument: --${name}`);
    this.#set(name, flag, value);
  }

  short(word: string, rest: string[]): void {
    for (let letters = word.slice(1); letters !== ""; letters = letters.slice(1)) {
      const letter = letters.charAt(0);
      const name = this.#byShort.get(letter);
      const flag = name === undefined ? undefined : this.#flags[name];
      if (name === undefined || flag === undefined) {
        throw new UsageError(`unknown shorthand flag: '${letter}' in -${letters}`);
      }
      const behind = letters.slice(1);
      if (behind.startsWith("=")) return this.#set(name, flag, behind.slice(1));
      if (flag.bare !== undefined) {
        this.#set(name, flag, flag.bare);
        continue;
      }
      const value = behind === "" ? rest.shift() : behind;
      if (value === undefined) throw new UsageError(`flag needs an argument: '${letter}' in -${letters}`);
      return this.#set(name, flag, value);
    }
  }

  #set(name: string, flag: Flag<unknown>, text: string): void {
    try {
      this.#values[name] = flag.parse(text, this.#values[name]);
    } catch (error) {
      const shown = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
      const why = error instanceof Error ? error.message : String(error);
      throw new UsageError(`invalid argument "${text}" for "${shown}" flag: ${why}`, { cause: error });
    }
    this.#given.add(name);
  }
}

function didYouMeanFlag(name: string, flags: readonly string[]): string {
  const near = nearestName(name, flags);
  return near === undefined ? "" : ` (did you mean --${near}?)`;
}
