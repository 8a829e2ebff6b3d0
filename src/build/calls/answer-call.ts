import type { Dockerfile } from "../../dockerfile/dockerfile.ts";
import type { Stage } from "../../dockerfile/instruction.ts";
import { parseDockerfile } from "../../dockerfile/parse-dockerfile.ts";
import { noSuchTarget } from "../plan/plan-build.ts";
import { platformArgs } from "../plan/build-args.ts";
import type { BuildAnswer, TextCall } from "./build-answer.ts";
import { checkBuild, type CheckOptions } from "./check-build.ts";
import { describeOutline } from "./describe-outline.ts";
import { describeTargets } from "./describe-targets.ts";

/**
 * Answers a question about a Dockerfile; nothing is built. Pure but for `storedImage`. Throws `DockerfileError` for a
 * text that does not parse (`check` reports it instead), and `not_found` for an unknown target.
 */
export function answerCall(call: TextCall, text: string, options: CheckOptions): BuildAnswer {
  if (call === "check") return { call, document: checkBuild(text, options) };
  const file = parseDockerfile(text, { filename: options.filename });
  if (call === "targets") return { call, document: describeTargets(file, text) };
  const target = stageOf(file, options.target);
  const predefined = platformArgs(options.buildPlatform, options.platform, target.name ?? "default");
  const { buildArgs = {} } = options;
  return { call, document: describeOutline(file, text, { target, buildArgs, predefined }) };
}

function stageOf({ stages }: Dockerfile, target: string | undefined): Stage {
  const isDefault = target === undefined || target === "";
  const named = isDefault ? stages.at(-1) : stages.findLast(({ name }) => name === target.toLowerCase());
  const stage = named ?? (/^\d+$/.test(target ?? "") ? stages[Number(target)] : undefined);
  if (stage === undefined) throw noSuchTarget(target ?? "", stages);
  return stage;
}
