import type { Dockerfile } from "../dockerfile.ts";
import { DockerfileError } from "../dockerfile-error.ts";
import { parseUntilError } from "../parse-dockerfile.ts";
import { isEnabled, isSilenced, parseCheckSettings, type CheckSettings } from "./check-settings.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { LintOptions } from "./lint-options.ts";
import { lintSubject } from "./lint-subject.ts";
import type { Finding, LintRule } from "./rule.ts";
import { rules } from "./rule-table.ts";

/** The build argument that stands in for the file's `# check=` line. */
const checkArgument = "BUILDKIT_DOCKERFILE_CHECK";

/**
 * Runs the build checks on a Dockerfile (Docker documentation, "Build checks"), by line. `# check=skip=Rule` at the
 * top of the file or above an instruction silences a rule. Where the build would fail, checks that follow it step by
 * step end there. Pure, never throws for what the Dockerfile says.
 */
export function lintDockerfile(file: Dockerfile, options: LintOptions): readonly Diagnostic[] {
  const settings = settingsOf(file, options);
  const subject = lintSubject(file, options);
  return rules
    .filter((rule) => isEnabled(rule, settings))
    .flatMap((rule) =>
      [...rule.check(subject)]
        .filter(({ at }) => !isSilenced(rule.name, at.comments))
        .map((finding) => diagnostic(rule, finding)),
    )
    .sort((a, b) => a.location.startLine - b.location.startLine);
}

/**
 * As {@link lintDockerfile}, for a text that may be wrong: what can be said up to the first error, and that error.
 * Findings are part of the error where `# check=error=true` asks for it.
 */
export function lintText(
  text: string,
  options: LintOptions & { readonly filename?: string },
): { readonly diagnostics: readonly Diagnostic[]; readonly error?: DockerfileError } {
  try {
    const { file, error } = parseUntilError(text, options);
    const diagnostics = lintDockerfile(file, options);
    const failure = error ?? violation(file, options, diagnostics);
    return failure === undefined ? { diagnostics } : { diagnostics, error: failure };
  } catch (error) {
    if (error instanceof DockerfileError) return { diagnostics: [], error };
    throw error;
  }
}

/** The error that findings are where `# check=error=true` makes them one; at the first of them. */
export function violation(
  file: Dockerfile,
  options: Pick<LintOptions, "buildArgs">,
  diagnostics: readonly Diagnostic[],
): DockerfileError | undefined {
  const [first] = diagnostics;
  if (first === undefined || !settingsOf(file, options).error) return undefined;
  const names = new Set(diagnostics.map(({ rule }) => rule));
  return new DockerfileError(`lint violation found for rules: ${[...names].join(", ")}`, first.location);
}

function settingsOf(file: Dockerfile, { buildArgs }: Pick<LintOptions, "buildArgs">): CheckSettings {
  return parseCheckSettings(buildArgs?.[checkArgument] ?? file.directives.check);
}

function diagnostic({ name, description, url }: LintRule, { at, detail }: Finding): Diagnostic {
  return { rule: name, description, ...(url !== undefined && { url }), detail, location: at.location };
}
