import { argumentsOf } from "../../ast.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `ENV key value`. */
export const legacyKeyValueFormat: LintRule = {
  name: "LegacyKeyValueFormat",
  description: "Legacy key/value format with whitespace separator should not be used",
  url: rulePage("legacy-key-value-format"),
  *check({ stages }: LintSubject): Iterable<Finding> {
    for (const { node, written } of stages.flatMap(({ steps }) => steps)) {
      if (written.kind !== "env" && written.kind !== "label") continue;
      // Name, value and separator: the old form has none.
      if (argumentsOf(node)[2] !== "") continue;
      const keyword = node.value.toUpperCase();
      yield {
        at: node,
        detail: `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`,
      };
    }
  },
};
