import { expandWords, type Expansion } from "../expand-word.ts";
import { globalArguments } from "../global-args.ts";
import type { Stage } from "../instruction.ts";
import { attempt, type TraceParts } from "./trace-parts.ts";
import type { TracedFrom } from "./subject.ts";

type Values = ReadonlyMap<string, string>;

/** Every FROM with the words in it. `args`: the global arguments, undefined when they cannot be told. */
export function traceFroms(parts: TraceParts, args: Values | undefined): readonly TracedFrom[] {
  const { file, options } = parts;
  const defaults = attempt(() => globalArguments(file, {}, options.predefinedArgs));
  const declared = [
    ...options.predefinedArgs.keys(),
    ...file.globalArgs.flatMap((written) => written.args.map(({ key }) => key)),
  ];
  return file.stages.map((stage) => traceFrom(stage, parts, { args, defaults, declared }));
}

function traceFrom(
  stage: Stage,
  { file, node }: TraceParts,
  known: { args: Values | undefined; defaults: Values | undefined; declared: readonly string[] },
): TracedFrom {
  const { base, platform } = stage.from;
  const expand = (text: string, values: Values | undefined): Expansion | undefined =>
    values && attempt(() => expandWords(text, (name) => values.get(name), file.directives));
  const name = expand(base, known.args);
  const shownPlatform = platform === undefined ? undefined : expand(platform, known.args);
  const unmatched = [...(name?.unmatched ?? []), ...(shownPlatform?.unmatched ?? [])];
  const defaultBase = expand(base, known.defaults)?.text;
  const isConstant =
    shownPlatform !== undefined && shownPlatform.matched.size + shownPlatform.unmatched.size === 0;
  return {
    stage,
    node: node(stage.from),
    undeclared: [...new Set(unmatched)].filter((each) => !known.declared.includes(each)),
    declared: known.declared,
    ...(isConstant && { constantPlatform: shownPlatform.text }),
    ...(defaultBase !== undefined && { defaultBase }),
  };
}
