import { SlipwayError } from "../errors.ts";
import { parseGoDuration } from "../internal/go-duration.ts";
import type { AstNode } from "./ast.ts";
import type { HealthcheckInstruction } from "./instruction.ts";
import type { InstructionFlags } from "./instruction-flags.ts";
import { LineProblem } from "./line-parsers.ts";
import { commandLine } from "./parse-run.ts";

type HealthcheckParts = Omit<HealthcheckInstruction, "kind" | "location" | "original">;

const minimum = 1e6;

/** The arguments of HEALTHCHECK (Dockerfile reference, "HEALTHCHECK"). Throws a {@link LineProblem}. */
export function parseHealthcheck(
  node: AstNode,
  args: readonly string[],
  flags: InstructionFlags,
): HealthcheckParts {
  const [type = "", ...command] = args;
  switch (type.toUpperCase()) {
    case "":
      throw new LineProblem("HEALTHCHECK requires at least one argument");
    case "NONE":
      if (command.length > 0) throw new LineProblem("HEALTHCHECK NONE takes no arguments");
      return {};
    case "CMD":
      if (command.length === 0) throw new LineProblem("missing command after HEALTHCHECK CMD");
      return {
        test: commandLine(node.json, command),
        ...duration(flags, "interval", "interval"),
        ...duration(flags, "timeout", "timeout"),
        ...duration(flags, "start-period", "startPeriod"),
        ...duration(flags, "start-interval", "startInterval"),
        ...retries(flags.value("retries")),
      };
    default:
      throw new LineProblem(`unknown type ${JSON.stringify(type.toUpperCase())} in HEALTHCHECK (try CMD)`);
  }
}

/** Zero stands for the default, as an absent flag does. */
function duration<K extends string>(flags: InstructionFlags, flag: string, name: K): { [P in K]?: number } {
  const text = flags.value(flag);
  if (text === undefined) return {};
  const nanoseconds = parseDuration(text);
  if (nanoseconds !== 0 && nanoseconds < minimum)
    throw new LineProblem(`interval ${JSON.stringify(flag)} cannot be less than 1ms`);
  return { [name]: nanoseconds } as { [P in K]?: number };
}

function parseDuration(text: string): number {
  try {
    return parseGoDuration(text);
  } catch (error) {
    if (error instanceof SlipwayError) throw new LineProblem(error.message);
    throw error;
  }
}

function retries(text: string | undefined): { retries?: number } {
  if (text === undefined) return {};
  if (!/^[-+]?\d{1,10}$/.test(text))
    throw new LineProblem(`invalid value ${JSON.stringify(text)} for --retries`);
  if (Number(text) < 0) throw new LineProblem(`--retries cannot be negative: ${text}`);
  return { retries: Number(text) };
}
