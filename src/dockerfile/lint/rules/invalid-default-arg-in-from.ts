import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `ARG TAG` and `FROM busybox:$TAG`: it builds only with `--build-arg`. */
export const invalidDefaultArgInFrom: LintRule = {
  name: "InvalidDefaultArgInFrom",
  description: "Default value for global ARG results in an empty or invalid base image name",
  url: rulePage("invalid-default-arg-in-from"),
  *check({ froms, options }: LintSubject): Iterable<Finding> {
    for (const { node, stage, defaultBase } of froms)
      if (defaultBase !== undefined && !options.isImageName(defaultBase))
        yield {
          at: node,
          detail: `Default value for ARG ${stage.from.base} results in empty or invalid base image name`,
        };
  },
};
