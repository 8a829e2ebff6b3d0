import type { Instruction } from "../../instruction.ts";
import { goQuote } from "../../go-quote.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** Parts of a name, between underscores. */
const telling = new Set(
  "apikey auth credential credentials key password pword passwd secret token".split(" "),
);
/** Beside one of these, a telling part tells nothing: `PUBLIC_KEY`, `PASSWORD_FILE`, `AUTH_MODULE_VERSION`. */
const harmless = new Set(["public", "file", "version"]);

/** `ARG password`: it stays in the image's history. */
export const secretsUsedInArgOrEnv: LintRule = {
  name: "SecretsUsedInArgOrEnv",
  description: "Sensitive data should not be used in the ARG or ENV commands",
  url: rulePage("secrets-used-in-arg-or-env"),
  *check({ stages }: LintSubject): Iterable<Finding> {
    for (const { node, expanded } of stages.flatMap(({ steps }) => steps))
      for (const name of namesSet(expanded).filter(isTelling)) {
        const place = `${expanded.kind.toUpperCase()} ${goQuote(name)}`;
        yield { at: node, detail: `Do not use ARG or ENV instructions for sensitive data (${place})` };
      }
  },
};

function namesSet(instruction: Instruction): readonly string[] {
  if (instruction.kind === "arg") return instruction.args.map(({ key }) => key);
  return instruction.kind === "env" ? instruction.variables.map(({ key }) => key) : [];
}

function isTelling(name: string): boolean {
  const parts = name.toLowerCase().split("_");
  return parts.some((part) => telling.has(part)) && !parts.some((part) => harmless.has(part));
}
