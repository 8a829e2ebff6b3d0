import { parseDockerfile } from "../../dockerfile/parse-dockerfile.ts";
import { DockerfileError } from "../../dockerfile/dockerfile-error.ts";
import { expandText } from "../plan/expand.ts";
import { globalArguments } from "../../dockerfile/global-args.ts";
import type { Dockerfile } from "../../dockerfile/dockerfile.ts";
import type { BaseImage, LintOptions } from "../../dockerfile/lint/lint-options.ts";
import { lintText } from "../../dockerfile/lint/lint-dockerfile.ts";
import { attempt } from "../../dockerfile/lint/trace-parts.ts";
import type { Diagnostic } from "../../dockerfile/lint/diagnostic.ts";
import { SlipwayError } from "../../errors.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import { parsePlatform, type Platform } from "../../oci/platform.ts";
import { platformArgs } from "../plan/build-args.ts";
import { imageGrammar } from "../plan/check-dockerfile.ts";
import { planBuild, type PlanOptions } from "../plan/plan-build.ts";
import { answerLocation, type CheckDocument } from "./build-answer.ts";

export interface CheckOptions extends Omit<PlanOptions, "images"> {
  readonly filename: string;
  /** An image that is in the store: nothing is fetched for a check. */
  readonly storedImage: (reference: string) => ImageConfig | undefined;
}

/**
 * What the build checks find, and why the build would fail, as far as that can be told without carrying out a step. With
 * no target every stage is looked at. Never throws for what the Dockerfile says.
 */
export function checkBuild(text: string, options: CheckOptions): CheckDocument {
  const { diagnostics, error = planError(text, options) } = lintText(text, lintOptions(text, options));
  return {
    warnings: diagnostics.map(warning),
    sources: [{ filename: options.filename, data: Buffer.from(text).toString("base64") }],
    ...(error !== undefined && { buildError: buildError(error) }),
  };
}

function warning({
  rule,
  description,
  url,
  detail,
  location,
}: Diagnostic): CheckDocument["warnings"][number] {
  return {
    ruleName: rule,
    description,
    ...(url !== undefined && { url }),
    detail,
    location: answerLocation(location),
  };
}

function buildError(error: SlipwayError): NonNullable<CheckDocument["buildError"]> {
  return error instanceof DockerfileError
    ? { message: error.reason, location: answerLocation(error.location) }
    : { message: error.message };
}

function lintOptions(text: string, options: CheckOptions): LintOptions & { filename: string } {
  const { target, buildArgs = {}, ignore, filename } = options;
  const predefinedArgs = platformArgs(options.buildPlatform, options.platform, target ?? "default");
  const file = attempt(() => parseDockerfile(text, { filename }));
  const index = file === undefined ? undefined : indexOf(file, target);
  return {
    filename,
    buildArgs,
    predefinedArgs,
    ignore,
    ...(index !== undefined && { target: index }),
    ...(file !== undefined && { bases: basesOf(file, predefinedArgs, options) }),
    ...imageGrammar,
  };
}

function indexOf({ stages }: Dockerfile, target: string | undefined): number | undefined {
  if (target === undefined || target === "") return undefined;
  const named = stages.findLast(({ name }) => name === target.toLowerCase());
  return named?.index ?? (/^\d+$/.test(target) ? Number(target) : undefined);
}

/** The images that stages begin with, as far as they are stored. */
function basesOf(
  file: Dockerfile,
  predefined: ReadonlyMap<string, string>,
  { storedImage, buildArgs = {}, platform, buildPlatform }: CheckOptions,
): Map<number, BaseImage> {
  const bases = new Map<number, BaseImage>();
  const args = attempt(() => globalArguments(file, buildArgs, predefined));
  if (args === undefined) return bases;
  const expand = (word: string, { from }: Dockerfile["stages"][number]): string | undefined =>
    attempt(() => expandText(word, args, file.directives.escape, from.location));
  for (const stage of file.stages) {
    const name = expand(stage.from.base, stage);
    const config = name === undefined ? undefined : storedImage(name);
    if (config === undefined) continue;
    const own = stage.from.platform === undefined ? undefined : expand(stage.from.platform, stage);
    const wanted = (own && attempt(() => parsePlatform(own, buildPlatform))) || platform;
    bases.set(stage.index, {
      env: config.config?.Env ?? [],
      shell: config.config?.Shell,
      platform: shown(config),
      wantedPlatform: shown(wanted),
    });
  }
  return bases;
}

function shown({ os, architecture }: Pick<Platform, "os" | "architecture">): string {
  return `${os}/${architecture}`;
}

/** What would stop the build while it is planned. */
function planError(text: string, options: CheckOptions): SlipwayError | undefined {
  try {
    const file = parseDockerfile(text, { filename: options.filename });
    const { target } = options;
    const targets =
      target === undefined || target === "" ? file.stages.map(({ index }) => `${index}`) : [target];
    for (const one of targets) planBuild(file, { ...options, target: one, images: new Map() });
    return undefined;
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
}
