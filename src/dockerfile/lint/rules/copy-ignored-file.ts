import { hasMeta } from "../../../internal/go-match.ts";
import { cleanPath } from "../../../internal/go-path.ts";
import { goQuote } from "../../go-quote.ts";
import type { Instruction } from "../../instruction.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintOptions } from "../lint-options.ts";
import type { LintSubject } from "../subject.ts";

/** No file is called this: a pattern that takes it takes everything. */
const unlikelyName = "\u{10FFFD}";

/** `COPY secret .` when .dockerignore says `secret`, and no exception (`!`) may take something of it back in. */
export const copyIgnoredFile: LintRule = {
  name: "CopyIgnoredFile",
  description: "Attempting to Copy file that is excluded by .dockerignore",
  url: rulePage("copy-ignored-file"),
  *check({ stages, options: { ignore } }: LintSubject): Iterable<Finding> {
    if (ignore === undefined) return;
    for (const { node, expanded } of stages.flatMap(({ steps }) => steps)) {
      const verb = expanded.kind === "add" ? "Add" : "Copy";
      for (const source of contextSources(expanded).map(cleanPath))
        if (leavesNothing(ignore, pathInContext(source)))
          yield {
            at: node,
            detail: `Attempting to ${verb} file ${goQuote(source)} that is excluded by .dockerignore`,
          };
    }
  },
};

function leavesNothing(ignore: NonNullable<LintOptions["ignore"]>, path: string): boolean {
  if (!ignore.ignores(path)) return false;
  if (!ignore.hasExceptions) return true;
  if (path === unlikelyName) return false;
  const names = path.split("/");
  const meta = names.findIndex(hasMeta);
  const directory = names.slice(0, meta === -1 ? undefined : meta).join("/");
  return directory !== "" && ignore.skipsDirectory(directory);
}

function contextSources(instruction: Instruction): readonly string[] {
  if (instruction.kind === "copy") return instruction.from === undefined ? instruction.sources : [];
  if (instruction.kind !== "add") return [];
  return instruction.sources.filter((source) => !/^[a-z][a-z0-9+.-]*:\/\/|^git@/i.test(source));
}

function pathInContext(source: string): string {
  const path = source.replace(/^\/+/, "");
  return path === "" || path === "." ? unlikelyName : path;
}
