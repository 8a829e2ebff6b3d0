import { goQuote } from "../../go-quote.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `FROM --platform=linux/amd64`, but for a stage whose name says so. */
export const fromPlatformFlagConstDisallowed: LintRule = {
  name: "FromPlatformFlagConstDisallowed",
  description: "FROM --platform flag should not use a constant value",
  url: rulePage("from-platform-flag-const-disallowed"),
  *check({ froms, options }: LintSubject): Iterable<Finding> {
    for (const { node, stage, constantPlatform } of froms) {
      const platform = constantPlatform === undefined ? undefined : options.parsePlatform(constantPlatform);
      if (constantPlatform === undefined || platform === undefined) continue;
      const name = stage.name ?? "";
      if (name.includes(platform.os) || name.includes(platform.architecture)) continue;
      yield {
        at: node,
        detail: `FROM --platform flag should not use constant value ${goQuote(constantPlatform)}`,
      };
    }
  },
};
