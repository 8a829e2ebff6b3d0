import { SlipwayError } from "../errors.ts";
import { DockerfileError } from "./dockerfile-error.ts";
import { expandWord, expandWords, type EnvLookup } from "./expand-word.ts";
import type { Heredoc } from "./heredoc.ts";
import type { Instruction, KeyValue } from "./instruction.ts";
import { LineProblem } from "./line-parsers.ts";
import { parseMount } from "./parse-mount.ts";

/**
 * The instruction with the variables of `lookup` filled in where the Dockerfile reference says so ("Environment
 * replacement"); CMD, ENTRYPOINT, SHELL, HEALTHCHECK, ONBUILD, MAINTAINER and the script of RUN stay as they are.
 * `original` stays. Pure. Throws {@link DockerfileError}, also when a value is no longer valid then.
 */
export function expandInstruction<T extends Instruction>(
  instruction: T,
  lookup: EnvLookup,
  escape = "\\",
): T {
  const word = (text: string): string => expandWord(text, lookup, { escape });
  try {
    return { ...instruction, ...expandMembers(instruction, word, lookup, escape) };
  } catch (error) {
    if (!(error instanceof LineProblem) && !(error instanceof SlipwayError)) throw error;
    throw new DockerfileError(error.message, instruction.location, { cause: error });
  }
}

type Expand = (text: string) => string;

function expandMembers(
  instruction: Instruction,
  word: Expand,
  lookup: EnvLookup,
  escape: string,
): Partial<Instruction> {
  switch (instruction.kind) {
    case "add":
    case "copy":
      return expandFiles(instruction, word, lookup);
    case "arg":
      return { args: instruction.args.map((arg) => expandArg(arg, word)) };
    case "env":
      return { variables: instruction.variables.map((each) => expandPair(each, word)) };
    case "label":
      return { labels: instruction.labels.map((each) => expandPair(each, word)) };
    case "expose":
      return { ports: instruction.ports.flatMap((port) => expandWords(port, lookup, { escape }).words) };
    case "run":
      return { mounts: instruction.mountTexts.map((text) => parseMount(text, word)) };
    case "stopsignal":
      return { signal: word(instruction.signal) };
    case "user":
      return { user: word(instruction.user) };
    case "volume":
      return { paths: instruction.paths.map((path) => notEmpty(word(path))) };
    case "workdir":
      return { path: word(instruction.path) };
    default:
      return {};
  }
}

function expandFiles(
  instruction: Extract<Instruction, { kind: "add" | "copy" }>,
  word: Expand,
  lookup: EnvLookup,
): Partial<Instruction> {
  const { chown, chmod } = instruction;
  const checksum = instruction.kind === "add" ? instruction.checksum : undefined;
  return {
    sources: instruction.sources.map(word),
    heredocs: instruction.heredocs.map((heredoc) => expandHeredoc(heredoc, lookup)),
    destination: word(instruction.destination),
    excludes: instruction.excludes.map(word),
    ...(chown !== undefined && { chown: word(chown) }),
    ...(chmod !== undefined && { chmod: word(chmod) }),
    ...(checksum !== undefined && { checksum: word(checksum) }),
  } as Partial<Instruction>;
}

/** In a document quotes mean nothing, and the escape character is always a backslash. */
function expandHeredoc(heredoc: Heredoc, lookup: EnvLookup): Heredoc {
  if (!heredoc.expand) return heredoc;
  return { ...heredoc, content: expandWord(heredoc.content, lookup, { plainQuotes: true }) };
}

function expandPair({ key, value }: KeyValue, word: Expand): KeyValue {
  return { key: word(key), value: word(value) };
}

function expandArg(arg: { key: string; value?: string }, word: Expand): { key: string; value?: string } {
  return arg.value === undefined ? { key: word(arg.key) } : { key: word(arg.key), value: word(arg.value) };
}

function notEmpty(path: string): string {
  if (path === "") throw new LineProblem("VOLUME specified can not be an empty string");
  return path;
}
