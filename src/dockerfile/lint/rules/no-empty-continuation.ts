import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** An empty line after a `\`. */
export const noEmptyContinuation: LintRule = {
  name: "NoEmptyContinuation",
  description: "Empty continuation lines will become errors in a future release",
  url: rulePage("no-empty-continuation"),
  *check({ file }: LintSubject): Iterable<Finding> {
    for (const { line } of file.warnings) {
      const location = { ...file.ast.location, startLine: line, endLine: line };
      yield { at: { location, comments: [] }, detail: "Empty continuation line" };
    }
  },
};
