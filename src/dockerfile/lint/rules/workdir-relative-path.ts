import { goQuote } from "../../go-quote.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** The first WORKDIR of a stage starts from wherever the base happens to stand. */
export const workdirRelativePath: LintRule = {
  name: "WorkdirRelativePath",
  description:
    "Relative workdir without an absolute workdir declared within the build can have unexpected results if the " +
    "base image changes",
  url: rulePage("workdir-relative-path"),
  *check({ stages }: LintSubject): Iterable<Finding> {
    for (const { node, expanded, hasWorkdir } of stages.flatMap(({ steps }) => steps)) {
      if (expanded.kind !== "workdir" || hasWorkdir || expanded.path.startsWith("/")) continue;
      const path = goQuote(expanded.path);
      yield {
        at: node,
        detail: `Relative workdir ${path} can have unexpected results if the base image changes`,
      };
    }
  },
};
