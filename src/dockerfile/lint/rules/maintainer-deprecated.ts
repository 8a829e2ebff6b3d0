import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `MAINTAINER me`. */
export const maintainerDeprecated: LintRule = {
  name: "MaintainerDeprecated",
  description: "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
  url: rulePage("maintainer-deprecated"),
  *check({ instructions }: LintSubject): Iterable<Finding> {
    for (const { node, written } of instructions)
      if (written.kind === "maintainer")
        yield { at: node, detail: "Maintainer instruction is deprecated in favor of using label" };
  },
};
