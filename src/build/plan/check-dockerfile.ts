import type { Dockerfile } from "../../dockerfile/dockerfile.ts";
import { lintDockerfile, violation } from "../../dockerfile/lint/lint-dockerfile.ts";
import type { BaseImage, LintOptions } from "../../dockerfile/lint/lint-options.ts";
import { attempt } from "../../dockerfile/lint/trace-parts.ts";
import { parsePlatform } from "../../oci/platform.ts";
import { parseReference } from "../../oci/reference.ts";
import type { BuildPlan } from "../vertex.ts";
import type { StageState } from "./stage-state.ts";

/**
 * What the build checks find, as BuildKit words it: `FromAsCasing: 'as' and 'FROM' keywords' casing do not match`.
 * Throws `DockerfileError` where the Dockerfile asks for findings to be errors.
 */
export function checkDockerfile(
  file: Dockerfile,
  options: Omit<LintOptions, "isImageName" | "parsePlatform">,
): BuildPlan["warnings"] {
  const diagnostics = lintDockerfile(file, { ...options, ...imageGrammar });
  const failure = violation(file, options, diagnostics);
  if (failure !== undefined) throw failure;
  return diagnostics.map(({ rule, detail, location }) => ({
    text: `${rule}: ${detail}`,
    line: location.startLine,
  }));
}

/** What the checks need to know of names of images and platforms. */
export const imageGrammar: Pick<LintOptions, "isImageName" | "parsePlatform"> = {
  isImageName: (text) => attempt(() => parseReference(text)) !== undefined,
  parsePlatform: (text) => attempt(() => parsePlatform(text)),
};

/** What the checks need to know of an image a stage begins with. */
export function baseForChecks({ base, platform }: StageState): BaseImage {
  return {
    env: base.config?.Env ?? [],
    shell: base.config?.Shell,
    platform: `${base.os}/${base.architecture}`,
    wantedPlatform: `${platform.os}/${platform.architecture}`,
  };
}
