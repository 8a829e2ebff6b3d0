import { LineProblem } from "./line-parsers.ts";
import { didYouMean } from "./suggest.ts";

/** What a flag takes: a value, nothing or true/false, or a value each time it is given. */
export type FlagKind = "value" | "switch" | "values";

/** The flags of one instruction, checked against those it knows. */
export class InstructionFlags {
  readonly #values = new Map<string, string[]>();

  /** Throws a {@link LineProblem} with Docker's wording for flags that are unknown, doubled or lack a value. */
  constructor(flags: readonly string[], known: Readonly<Record<string, FlagKind>>) {
    for (const flag of flags) this.#add(flag, known);
  }

  /** The value; undefined when the flag is not given, or given empty. */
  value(name: string): string | undefined {
    const [value] = this.#values.get(name) ?? [];
    return value === "" ? undefined : value;
  }

  values(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  isOn(name: string): boolean {
    return this.#values.get(name)?.[0] === "true";
  }

  #add(flag: string, known: Readonly<Record<string, FlagKind>>): void {
    const [, name = "", value] = /^--([^=]*)(?:=([^]*))?$/.exec(flag) ?? [];
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined)
      throw new LineProblem(`unknown flag: --${name}${didYouMean(name, Object.keys(known))}`);
    const before = this.#values.get(name);
    if (before !== undefined && kind !== "values")
      throw new LineProblem(`duplicate flag specified: --${name}`);
    if (kind === "switch") {
      this.#values.set(name, [readSwitch(name, value)]);
      return;
    }
    if (value === undefined) throw new LineProblem(`missing a value on flag: --${name}`);
    this.#values.set(name, [...(before ?? []), value]);
  }
}

function readSwitch(name: string, value: string | undefined): string {
  const text = value?.toLowerCase() ?? "true";
  if (text !== "true" && text !== "false")
    throw new LineProblem(`expecting boolean value for flag --${name}, not: ${value ?? ""}`);
  return text;
}
