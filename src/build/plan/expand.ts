import { DockerfileError } from "../../dockerfile/dockerfile-error.ts";
import { expandInstruction } from "../../dockerfile/expand-instruction.ts";
import { expandWord } from "../../dockerfile/expand-word.ts";
import type { Instruction } from "../../dockerfile/instruction.ts";
import { parseOnbuildTrigger } from "../../dockerfile/parse-dockerfile.ts";
import type { SourceLocation } from "../../dockerfile/source-location.ts";
import { SlipwayError } from "../../errors.ts";
import type { Env } from "./env.ts";

/** The instruction with the variables of `env` filled in. */
export function expand<T extends Instruction>(instruction: T, env: Env, escape: string): T {
  return expandInstruction(instruction, (name) => env.get(name), escape);
}

/** One word outside of any stage, as in FROM. Throws `DockerfileError` with the place. */
export function expandText(text: string, env: Env, escape: string, location: SourceLocation): string {
  try {
    return expandWord(text, (name) => env.get(name), { escape });
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    throw new DockerfileError(error.message, location, { cause: error });
  }
}

/** An ONBUILD trigger of the base, as if it stood at the stage's FROM. */
export function parseTrigger(text: string, location: SourceLocation): Instruction {
  return { ...parseOnbuildTrigger(text), location };
}
