import { DockerfileError } from "../../dockerfile/dockerfile-error.ts";
import { isCode } from "../../errors.ts";
import type { Instruction } from "../../dockerfile/instruction.ts";
import type { Platform } from "../../oci/platform.ts";
import type { Vertex } from "../vertex.ts";
import type { Entitlement } from "../builder.ts";
import type { StageState } from "./stage-state.ts";

/** What an instruction needs to know beside the stage it stands in. */
export interface PlanScope {
  readonly state: StageState;
  readonly stageIndex: number;
  /** The stage's name as step names show it; empty when the Dockerfile has one stage only and it has no name. */
  readonly stageName: string;
  readonly escape: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly globalArgs: ReadonlyMap<string, string>;
  readonly network: "default" | "none" | "host";
  /** Rights over the machine that steps may ask for. */
  readonly allow: readonly Entitlement[];
  /** What the build runs on. */
  readonly buildPlatform: Platform;
  /** Whether the name is that of a context with files, given to the build. */
  readonly isContext: (name: string) => boolean;
  /** The vertex that `--from=` names: a stage, or an image. Undefined vertex: an empty stage. */
  readonly sourceOf: (from: string, instruction: Instruction) => Vertex | undefined;
  /** Takes note of what cannot be carried out. */
  readonly unsupported: string[];
  /** Takes note of what is wrong in a step although the image is known (BuildKit finds it after the plan). */
  readonly failures: DockerfileError[];
  /** `[build 2/6] ` for the next step of the stage. */
  readonly nextPrefix: () => string;
}

/** The instruction is wrong: where, and why. */
export function reject(instruction: { location: Instruction["location"] }, reason: string): never {
  throw new DockerfileError(reason, instruction.location);
}

/** What `work` gives. Throws what it throws, with the instruction's place where a value in it is wrong. */
export function placed<T>(instruction: { location: Instruction["location"] }, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof DockerfileError || !isCode(error, "invalid_argument")) throw error;
    throw new DockerfileError((error as Error).message, instruction.location, { cause: error });
  }
}
