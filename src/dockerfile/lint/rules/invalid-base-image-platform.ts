import { goQuote } from "../../go-quote.ts";
import { type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** A base that is made for another machine than the stage. */
export const invalidBaseImagePlatform: LintRule = {
  name: "InvalidBaseImagePlatform",
  description: "Base image platform does not match expected target platform",
  *check({ stages, options: { bases } }: LintSubject): Iterable<Finding> {
    for (const { stage, node } of stages) {
      const { platform, wantedPlatform } = bases?.get(stage.index) ?? {};
      if (platform === undefined || wantedPlatform === undefined || platform === wantedPlatform) continue;
      const was = `was pulled with platform ${goQuote(platform)}, expected ${goQuote(wantedPlatform)}`;
      yield { at: node, detail: `Base image ${stage.from.base} ${was} for current build` };
    }
  },
};
