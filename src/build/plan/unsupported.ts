import { parseGitContextRef } from "../../dockerfile/git-context-ref.ts";
import type { Instruction } from "../../dockerfile/instruction.ts";

/**
 * What of the instruction the builder cannot carry out, with its place: `Dockerfile:3: RUN --device`.
 * Undefined when it can.
 */
export function unsupportedIn(instruction: Instruction): string | undefined {
  const what = unsupported(instruction);
  if (what === undefined) return undefined;
  const { file, startLine } = instruction.location;
  return `${file ?? "Dockerfile"}:${startLine}: ${what}`;
}

function unsupported(instruction: Instruction): string | undefined {
  switch (instruction.kind) {
    case "run":
      if (instruction.devices.length > 0)
        return "RUN --device is not supported: steps get no devices of the host";
      return undefined;
    default:
      return undefined;
  }
}

/** ADD sources that are fetched (Dockerfile reference, "ADD", "Source"). */
export function isRemote(source: string): boolean {
  return /^https?:\/\//i.test(source) || isGit(source);
}

/** A repository that is certainly none of the context's files. */
export function isGit(source: string): boolean {
  return parseGitContextRef(source)?.mayBeLocal === false;
}
