import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `FROM --platform=$TARGETPLATFORM`: it is the default. */
export const redundantTargetPlatform: LintRule = {
  name: "RedundantTargetPlatform",
  description:
    "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
  url: rulePage("redundant-target-platform"),
  *check({ froms }: LintSubject): Iterable<Finding> {
    for (const { node, stage } of froms) {
      const platform = stage.from.platform?.trim();
      if (platform !== "$TARGETPLATFORM" && platform !== "${TARGETPLATFORM}") continue;
      yield {
        at: node,
        detail: `Setting platform to predefined ${platform} in FROM is redundant as this is the default behavior`,
      };
    }
  },
};
