import { argumentsOf, type AstNode } from "./ast.ts";
import { DockerfileError } from "./dockerfile-error.ts";
import { trimSpace } from "./go-space.ts";
import type { FromInstruction, Instruction, KeyValue } from "./instruction.ts";
import { InstructionFlags, type FlagKind } from "./instruction-flags.ts";
import { keywords, LineProblem } from "./line-parsers.ts";
import { parseAdd, parseCopy } from "./parse-files.ts";
import { parseHealthcheck } from "./parse-healthcheck.ts";
import { commandLine, parseRun } from "./parse-run.ts";
import { didYouMean } from "./suggest.ts";

type Parsed = Instruction | FromInstruction;
type Base = Pick<Parsed, "location" | "original">;
type Parser = (node: AstNode, base: Base, args: readonly string[], flags: InstructionFlags) => Parsed;

/** One instruction of the syntax tree, checked and typed. Throws {@link DockerfileError}. */
export function parseInstruction(node: AstNode): Parsed {
  const name = node.value.toLowerCase();
  const base = { location: node.location, original: trimSpace(node.original) };
  try {
    const parse = Object.hasOwn(parsers, name) ? parsers[name] : undefined;
    if (parse === undefined) throw new LineProblem(unknownInstruction(node.value));
    return parse(node, base, argumentsOf(node), new InstructionFlags(node.flags, knownFlags[name] ?? {}));
  } catch (error) {
    if (!(error instanceof LineProblem)) throw error;
    const { startLine } = node.location;
    const reason = `dockerfile parse error on line ${startLine}: ${error.message}`;
    throw new DockerfileError(reason, node.location, { cause: error });
  }
}

const fileFlags = { chown: "value", chmod: "value", link: "switch", exclude: "values" } as const;

const knownFlags: Readonly<Record<string, Readonly<Record<string, FlagKind>>>> = {
  add: { ...fileFlags, "keep-git-dir": "switch", checksum: "value", unpack: "switch" },
  copy: { ...fileFlags, from: "value", parents: "switch" },
  from: { platform: "value" },
  healthcheck: {
    interval: "value",
    timeout: "value",
    "start-period": "value",
    "start-interval": "value",
    retries: "value",
  },
  run: { mount: "values", network: "value", security: "value", device: "values" },
};

const parsers: Readonly<Record<string, Parser>> = {
  add: (node, base, args, flags) => ({ kind: "add", ...base, ...parseAdd(node, args, flags) }),
  arg: (_node, base, args) => ({ kind: "arg", ...base, args: atLeastOne("ARG", args).map(argDeclaration) }),
  cmd: (node, base, args) => ({ kind: "cmd", ...base, command: commandLine(node.json, args) }),
  copy: (node, base, args, flags) => ({ kind: "copy", ...base, ...parseCopy(node, args, flags) }),
  entrypoint: (node, base, args) => ({ kind: "entrypoint", ...base, command: commandLine(node.json, args) }),
  env: (_node, base, args) => ({ kind: "env", ...base, variables: pairs("ENV", args) }),
  expose: (_node, base, args) => ({ kind: "expose", ...base, ports: atLeastOne("EXPOSE", args) }),
  from: (_node, base, args, flags) => parseFrom(base, args, flags),
  healthcheck: (node, base, args, flags) => ({
    kind: "healthcheck",
    ...base,
    ...parseHealthcheck(node, args, flags),
  }),
  label: (_node, base, args) => ({ kind: "label", ...base, labels: pairs("LABEL", args) }),
  maintainer: (_node, base, args) => ({
    kind: "maintainer",
    ...base,
    maintainer: exactlyOne("MAINTAINER", args),
  }),
  onbuild: (node, base, args) => ({ kind: "onbuild", ...base, expression: trigger(node, args) }),
  run: (node, base, args, flags) => ({ kind: "run", ...base, ...parseRun(node, args, flags) }),
  shell: (node, base, args) => ({ kind: "shell", ...base, shell: shellArguments(node, args) }),
  stopsignal: (_node, base, args) => ({
    kind: "stopsignal",
    ...base,
    signal: exactlyOne("STOPSIGNAL", args),
  }),
  user: (_node, base, args) => ({ kind: "user", ...base, user: exactlyOne("USER", args) }),
  volume: (_node, base, args) => ({ kind: "volume", ...base, paths: volumePaths(args) }),
  workdir: (_node, base, args) => ({ kind: "workdir", ...base, path: exactlyOne("WORKDIR", args) }),
};

function unknownInstruction(keyword: string): string {
  const known = keywords.map((each) => each.toUpperCase());
  return `unknown instruction: ${keyword}${didYouMean(keyword, known)}`;
}

function exactlyOne(keyword: string, args: readonly string[]): string {
  const [first] = args;
  if (first === undefined || args.length > 1)
    throw new LineProblem(`${keyword} requires exactly one argument`);
  return first;
}

function atLeastOne(keyword: string, args: readonly string[]): readonly string[] {
  if (args.length === 0) throw new LineProblem(`${keyword} requires at least one argument`);
  return args;
}

function pairs(keyword: string, args: readonly string[]): KeyValue[] {
  atLeastOne(keyword, args);
  const result: KeyValue[] = [];
  for (let at = 0; at < args.length; at += 3) {
    const key = args[at] ?? "";
    if (key === "") throw new LineProblem(`${keyword} names can not be blank`);
    result.push({ key, value: args[at + 1] ?? "" });
  }
  return result;
}

function argDeclaration(text: string): { key: string; value?: string } {
  const equals = text.indexOf("=");
  if (equals === 0) throw new LineProblem("ARG names can not be blank");
  return equals === -1 ? { key: text } : { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

function parseFrom(base: Base, args: readonly string[], flags: InstructionFlags): FromInstruction {
  const [image = "", as = "", written] = args;
  const named = args.length === 3 && as.toLowerCase() === "as";
  if (!named && args.length !== 1) throw new LineProblem("FROM requires either one or three arguments");
  const alias = written?.toLowerCase();
  if (alias !== undefined && !/^[a-z][a-z0-9-_.]*$/.test(alias))
    throw new LineProblem(
      `invalid name for build stage: ${JSON.stringify(written)}, name can't start with a number or contain symbols`,
    );
  const platform = flags.value("platform");
  return {
    kind: "from",
    ...base,
    base: image,
    ...(platform !== undefined && { platform }),
    ...(alias !== undefined && { alias }),
  };
}

function volumePaths(args: readonly string[]): readonly string[] {
  return atLeastOne("VOLUME", args).map((path) => {
    const trimmed = trimSpace(path);
    if (trimmed === "") throw new LineProblem("VOLUME specified can not be an empty string");
    return trimmed;
  });
}

function shellArguments(node: AstNode, args: readonly string[]): readonly string[] {
  atLeastOne("SHELL", args);
  if (node.json) return args;
  const rest = trimSpace(node.original).replace(/^\S+\s*/, "");
  throw new LineProblem(`SHELL requires the arguments to be in JSON form, not: ${rest}`);
}

/** The trigger's text, with its here-documents, as the image config stores it. */
function trigger(node: AstNode, args: readonly string[]): string {
  const [keyword = ""] = atLeastOne("ONBUILD", args);
  const name = keyword.toUpperCase();
  if (name === "ONBUILD") throw new LineProblem("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (name === "MAINTAINER" || name === "FROM")
    throw new LineProblem(`${name} isn't allowed as an ONBUILD trigger`);
  const text = trimSpace(node.original).replace(/^\s*onbuild\s*/i, "");
  return text + node.heredocs.map(({ content, name: end }) => `\n${content}${end}`).join("");
}
