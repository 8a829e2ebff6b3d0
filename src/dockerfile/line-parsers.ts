import { trimStart } from "./go-space.ts";
import { splitWords } from "./split-words.ts";

/** An instruction's arguments before their meaning is checked. */
export interface Arguments {
  readonly values: readonly string[];
  readonly json: boolean;
  /** ONBUILD: the values are the text of an instruction. */
  readonly trigger?: boolean;
}

type LineParser = (rest: string, escape: string) => Arguments;

/** Thrown with the reason; the caller knows the line. */
export class LineProblem extends Error {}

/** How the arguments of each instruction are split. Unknown instructions have none. */
export const lineParsers: Readonly<Record<string, LineParser>> = {
  add: jsonOrWords,
  arg: (rest, escape) => plain(splitWords(rest, escape)),
  cmd: jsonOrText,
  copy: jsonOrWords,
  entrypoint: jsonOrText,
  env: (rest, escape) => plain(nameValues("ENV", rest, escape)),
  expose: (rest) => plain(fields(rest)),
  from: (rest) => plain(fields(rest)),
  healthcheck: typeAndCommand,
  label: (rest, escape) => plain(nameValues("LABEL", rest, escape)),
  maintainer: (rest) => plain(whole(rest)),
  onbuild: (rest) => ({ values: whole(rest), json: false, trigger: rest !== "" }),
  run: jsonOrText,
  shell: jsonOrText,
  stopsignal: (rest) => plain(whole(rest)),
  user: (rest) => plain(whole(rest)),
  volume: jsonOrWords,
  workdir: (rest) => plain(whole(rest)),
};

export const keywords: readonly string[] = Object.keys(lineParsers);

/**
 * A JSON array of strings, or undefined when the text is no JSON array: then it is words for a shell. Throws a
 * {@link LineProblem} for an array of something else.
 */
export function parseStringArray(text: string): readonly string[] | undefined {
  const trimmed = trimStart(text);
  if (!trimmed.startsWith("[")) return undefined;
  const parsed = parseJSON(trimmed);
  if (parsed === undefined) return undefined;
  if (!parsed.every((item) => typeof item === "string"))
    throw new LineProblem("when using JSON array syntax, arrays must be comprised of strings only");
  return parsed;
}

function parseJSON(text: string): unknown[] | undefined {
  try {
    return JSON.parse(text) as unknown[];
  } catch {
    return undefined;
  }
}

function plain(values: readonly string[]): Arguments {
  return { values, json: false };
}

function whole(rest: string): readonly string[] {
  return rest === "" ? [] : [rest];
}

function fields(rest: string): readonly string[] {
  return rest === "" ? [] : rest.split(/[\t\v\f\r ]+/);
}

function jsonOrText(rest: string): Arguments {
  const array = parseStringArray(rest);
  return array === undefined ? plain(whole(rest)) : { values: array, json: true };
}

function jsonOrWords(rest: string): Arguments {
  const array = parseStringArray(rest);
  return array === undefined ? plain(fields(rest)) : { values: array, json: true };
}

/** `CMD …` or `NONE`: the first word, then a command. */
function typeAndCommand(rest: string): Arguments {
  const [, type = "", command = ""] = /^(\S*)\s*([^]*)$/.exec(rest) ?? [];
  if (type === "") return plain([]);
  const { values, json } = jsonOrText(command);
  return { values: [type, ...values], json };
}

/** Name, value and separator of each pair. The old form `ENV name any value` has one pair and no separator. */
function nameValues(keyword: string, rest: string, escape: string): readonly string[] {
  const words = splitWords(rest, escape);
  const [first] = words;
  if (first === undefined) return [];
  if (!first.includes("=")) {
    const [, name, value] = /^([^\t\v\f\r ]*)[\t\v\f\r ]+([^]*)$/.exec(rest) ?? [];
    if (name === undefined || value === undefined)
      throw new LineProblem(`${keyword} must have two arguments`);
    return [name, value, ""];
  }
  return words.flatMap((word) => {
    const equals = word.indexOf("=");
    if (equals === -1)
      throw new LineProblem(
        `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
      );
    return [word.slice(0, equals), word.slice(equals + 1), "="];
  });
}
