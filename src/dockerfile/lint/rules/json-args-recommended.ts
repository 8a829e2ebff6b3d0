import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `CMD my-program`: a shell stands between the program and its signals, and nobody chose that shell. */
export const jsonArgsRecommended: LintRule = {
  name: "JSONArgsRecommended",
  description:
    "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
  url: rulePage("json-args-recommended"),
  *check({ stages }: LintSubject): Iterable<Finding> {
    for (const { node, written, hasOwnShell } of stages.flatMap(({ steps }) => steps)) {
      if (written.kind !== "cmd" && written.kind !== "entrypoint") continue;
      if (written.command.form === "shell" && !hasOwnShell)
        yield {
          at: node,
          detail:
            `JSON arguments recommended for ${node.value.toUpperCase()} to prevent unintended behavior ` +
            "related to OS signals",
        };
    }
  },
};
