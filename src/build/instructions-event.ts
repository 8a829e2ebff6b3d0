import type { BuildEvent, BuildInstruction } from "./builder.ts";
import type { PlanResult } from "./plan/plan-build.ts";
import type { PlannedInstruction } from "./vertex.ts";

/** What a plan, or one that still needs to know images, is made of, as the build tells it. Pure. */
export function instructionsEvent({
  kind,
  ...result
}: PlanResult): Extract<BuildEvent, { type: "instructions" }> {
  const { instructions, unusedArgs } = "plan" in result ? result.plan : result;
  const isWhole = kind === "plan";
  return {
    type: "instructions",
    isWhole,
    instructions: instructions.map((each) => told(each, isWhole)),
    unusedArgs,
  };
}

function told({ text, vertices, triggers }: PlannedInstruction, isWhole: boolean): BuildInstruction {
  const op = isWhole ? vertices[0]?.op : undefined;
  return {
    text,
    ids: isWhole ? vertices.map(({ digest }) => digest) : [],
    ...(op?.kind === "image" && { base: op.imageID }),
    ...(triggers > 0 && { triggers }),
  };
}
