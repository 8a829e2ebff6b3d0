import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `EXPOSE 80/TCP`. */
export const exposeProtoCasing: LintRule = {
  name: "ExposeProtoCasing",
  description: "Protocol in EXPOSE instruction should be lowercase",
  url: rulePage("expose-proto-casing"),
  *check({ stages }: LintSubject): Iterable<Finding> {
    for (const { node, expanded } of stages.flatMap(({ steps }) => steps)) {
      if (expanded.kind !== "expose") continue;
      for (const port of expanded.ports) {
        const protocol = port.split("/")[1] ?? "";
        if (protocol !== protocol.toLowerCase())
          yield { at: node, detail: `Defined protocol '${port}' in EXPOSE instruction should be lowercase` };
      }
    }
  },
};
