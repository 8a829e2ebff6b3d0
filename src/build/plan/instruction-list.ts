import type { ArgInstruction, Instruction, Stage } from "../../dockerfile/instruction.ts";
import type { PlannedInstruction, Vertex } from "../vertex.ts";
import { isProxyArgument } from "./build-args.ts";

interface Listed {
  readonly text: string;
  readonly vertices: Vertex[];
  readonly triggers: number;
}

/** The instructions of the stages that a target needs, while the stages are gone through in any order. */
export class InstructionList {
  readonly #stages = new Map<number, Listed[]>();
  readonly #triggersLeft = new Map<number, number>();
  readonly #declared = new Set<string>();

  /** `base`: what the stage's own FROM fetches. */
  begin({ index, from }: Stage, base: Vertex | undefined, triggers: number): void {
    const vertices = base === undefined ? [] : [base];
    this.#stages.set(index, [{ text: from.original, vertices, triggers }]);
    this.#triggersLeft.set(index, triggers);
  }

  /** `vertex`: the layer it makes. The first ones after `begin` are the triggers, which are the FROM's. */
  add(stage: number, instruction: Instruction, vertex: Vertex | undefined): void {
    if (instruction.kind === "arg") for (const { key } of instruction.args) this.#declared.add(key);
    const list = this.#stages.get(stage);
    const left = this.#triggersLeft.get(stage) ?? 0;
    const vertices = vertex === undefined ? [] : [vertex];
    if (left === 0) list?.push({ text: instruction.original, vertices, triggers: 0 });
    else {
      list?.[0]?.vertices.push(...vertices);
      this.#triggersLeft.set(stage, left - 1);
    }
  }

  /** Global arguments first, then stage after stage; labels of the build stand at the end. */
  all(globalArgs: readonly ArgInstruction[], labels: Readonly<Record<string, string>>): PlannedInstruction[] {
    const config = (text: string): PlannedInstruction => ({ text, vertices: [], triggers: 0 });
    const stages = [...this.#stages].sort(([a], [b]) => a - b);
    const words = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...globalArgs.map(({ original }) => config(original)),
      ...stages.flatMap(([, list]) => list),
      ...words.map(([key, value]) => config(`LABEL ${key}=${value}`)),
    ];
  }

  unusedArgs(
    globalArgs: readonly ArgInstruction[],
    predefined: readonly string[],
    given: Readonly<Record<string, string>>,
  ): string[] {
    const globals = globalArgs.flatMap(({ args }) => args.map(({ key }) => key));
    const known = new Set([...this.#declared, ...globals, ...predefined, "SOURCE_DATE_EPOCH"]);
    return Object.keys(given)
      .filter((name) => !known.has(name) && !isProxyArgument(name) && !name.startsWith("BUILDKIT_"))
      .sort();
  }
}
