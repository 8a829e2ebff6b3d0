import { goQuote } from "../../go-quote.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

const reserved = new Set(["context", "scratch"]);

/** `FROM alpine AS scratch`. */
export const reservedStageName: LintRule = {
  name: "ReservedStageName",
  description: "Reserved words should not be used as stage names",
  url: rulePage("reserved-stage-name"),
  *check({ froms }: LintSubject): Iterable<Finding> {
    for (const { node, stage } of froms)
      if (stage.name !== undefined && reserved.has(stage.name))
        yield {
          at: node,
          detail: `Stage name should not use the same name as reserved stage ${goQuote(stage.name)}`,
        };
  },
};
