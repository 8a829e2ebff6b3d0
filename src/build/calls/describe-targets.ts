import type { Dockerfile } from "../../dockerfile/dockerfile.ts";
import type { Stage } from "../../dockerfile/instruction.ts";
import { answerLocation, type TargetsDocument } from "./build-answer.ts";
import { descriptionOf } from "./description-of.ts";

/** The stages that can be built, with what the comments above their FROM lines say of them. Pure. */
export function describeTargets(file: Dockerfile, text: string): TargetsDocument {
  const last = file.stages.length - 1;
  return {
    targets: file.stages.map((stage) => describeTarget(file, stage, stage.index === last)),
    sources: [Buffer.from(text).toString("base64")],
  };
}

function describeTarget(
  file: Dockerfile,
  stage: Stage,
  isDefault: boolean,
): TargetsDocument["targets"][number] {
  const { from, name } = stage;
  const description = stageDescription(file, stage);
  return {
    ...(name !== undefined && { name }),
    ...(isDefault && { default: true }),
    ...(description !== undefined && { description }),
    base: from.base,
    ...(from.platform !== undefined && { platform: from.platform }),
    location: answerLocation(from.location),
  };
}

/** What the comment above the stage's FROM says of it. */
export function stageDescription(file: Dockerfile, { name, from }: Stage): string | undefined {
  return name === undefined ? undefined : descriptionOf(name, file, from.location);
}
