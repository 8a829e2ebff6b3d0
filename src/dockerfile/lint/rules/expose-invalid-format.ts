import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `EXPOSE 8080:80`: what it is published on is decided when a container runs. */
export const exposeInvalidFormat: LintRule = {
  name: "ExposeInvalidFormat",
  description:
    "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a " +
    "future release",
  url: rulePage("expose-invalid-format"),
  *check({ stages }: LintSubject): Iterable<Finding> {
    for (const { node, expanded } of stages.flatMap(({ steps }) => steps)) {
      if (expanded.kind !== "expose") continue;
      for (const port of expanded.ports.filter((each) => each.includes(":")))
        yield {
          at: node,
          detail: `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`,
        };
    }
  },
};
