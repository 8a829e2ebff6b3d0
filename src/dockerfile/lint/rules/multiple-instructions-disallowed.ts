import type { AstNode } from "../../ast.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

const onlyOnce: ReadonlySet<string> = new Set(["cmd", "entrypoint", "healthcheck"]);

/** A CMD that a later one of the same stage replaces. Told of the one that is lost. */
export const multipleInstructionsDisallowed: LintRule = {
  name: "MultipleInstructionsDisallowed",
  description: "Multiple instructions of the same type should not be used in the same stage",
  url: rulePage("multiple-instructions-disallowed"),
  *check({ stages }: LintSubject): Iterable<Finding> {
    for (const { steps } of stages) {
      const last = new Map<string, AstNode>();
      for (const { node, written } of steps) {
        if (!onlyOnce.has(written.kind)) continue;
        const lost = last.get(written.kind);
        last.set(written.kind, node);
        if (lost === undefined) continue;
        const keyword = node.value.toUpperCase();
        yield {
          at: lost,
          detail:
            `Multiple ${keyword} instructions should not be used in the same stage because only the last one ` +
            "will be used",
        };
      }
    }
  },
};
