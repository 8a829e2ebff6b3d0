import type { AstNode } from "./ast.ts";
import { chompTabs, parseHeredocWord, type Heredoc } from "./heredoc.ts";
import type { CommandLine, DeviceSpec, RunInstruction } from "./instruction.ts";
import type { InstructionFlags } from "./instruction-flags.ts";
import { LineProblem } from "./line-parsers.ts";
import { parseMount } from "./parse-mount.ts";
import { splitCSV } from "./split-csv.ts";

type RunParts = Omit<RunInstruction, "kind" | "location" | "original">;

/** The arguments of RUN (Dockerfile reference, "RUN"). Throws a {@link LineProblem}. */
export function parseRun(node: AstNode, args: readonly string[], flags: InstructionFlags): RunParts {
  const command = commandLine(node.json, args);
  const mountTexts = flags.values("mount");
  return {
    ...withHeredocs(command, node.heredocs),
    heredocs: node.heredocs,
    mountTexts,
    mounts: mountTexts.map((text) => parseMount(text)),
    network: choice("network", flags.value("network"), ["default", "none", "host"]),
    security: choice("security", flags.value("security"), ["sandbox", "insecure"]),
    devices: flags.values("device").map(parseDevice),
  };
}

/** A JSON array runs as it is, anything else is for the shell. */
export function commandLine(json: boolean, args: readonly string[]): CommandLine {
  return json ? { form: "exec", args } : { form: "shell", script: args.join(" ") };
}

export function parseDevice(text: string): DeviceSpec {
  let name: string | undefined;
  let required = false;
  for (const [index, field] of splitCSV(text).entries()) {
    const [, key = "", value] = /^(name|required)(?:=([^]*))?$/.exec(field) ?? [];
    if (key === "required") required = readRequired(field, value);
    else if (key === "name" || index === 0) {
      if (name !== undefined) throw new LineProblem(`device name already set to ${name}`);
      name = key === "name" ? value : field;
    } else throw new LineProblem(`unexpected key '${field}' in '${text}'`);
  }
  if (name === undefined || name === "") throw new LineProblem(`device name is missing in '${text}'`);
  return { name, required };
}

function readRequired(field: string, value: string | undefined): boolean {
  if (value === undefined || /^(?:1|t|true)$/i.test(value)) return true;
  if (/^(?:0|f|false)$/i.test(value)) return false;
  throw new LineProblem(`invalid value for ${field}`);
}

/** A document that is the whole command is the script, or a file to run; else the shell reads it after the command. */
function withHeredocs(
  command: CommandLine,
  heredocs: readonly Heredoc[],
): Pick<RunParts, "command" | "heredocFile"> {
  const [first] = heredocs;
  if (command.form === "exec" || first === undefined) return { command };
  if (parseHeredocWord(command.script) === undefined) {
    const documents = heredocs.map(({ name, content }) => `\n${content}${name}`).join("");
    return { command: { form: "shell", script: command.script + documents } };
  }
  const content = first.chomp ? chompTabs(first.content) : first.content;
  if (!content.startsWith("#!")) return { command: { form: "shell", script: content } };
  return { command, heredocFile: { name: first.name, content } };
}

function choice<T extends string>(flag: string, value: string | undefined, options: readonly [T, ...T[]]): T {
  if (value === undefined) return options[0];
  const chosen = options.find((option) => option === value);
  if (chosen === undefined) throw new LineProblem(`${flag} ${JSON.stringify(value)} is not valid`);
  return chosen;
}
