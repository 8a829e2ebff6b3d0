import type { ArgInstruction, Instruction, Stage } from "../instruction.ts";
import { expandInstruction } from "../expand-instruction.ts";
import { expandWord } from "../expand-word.ts";
import { attempt, type TraceParts } from "./trace-parts.ts";
import { neededStages } from "./needed-stages.ts";
import { StageScope } from "./stage-scope.ts";
import type { LintSubject, TracedStep } from "./subject.ts";

type Values = ReadonlyMap<string, string>;
type TracedStages = LintSubject["stages"];

/** The stages the build needs, step by step, up to where it would fail. */
export function traceStages(parts: TraceParts, args: Values): TracedStages {
  const names = baseNames(parts, args);
  if (names === undefined) return [];
  const needed = neededStages(parts.file, names, parts.options.target);
  const traced: TracedStages[number][] = [];
  const scopes = new Map<number, StageScope>();
  for (const stage of parts.file.stages.filter(({ index }) => needed.has(index))) {
    const scope = firstScope(stage, names[stage.index] ?? "", scopes, parts);
    scopes.set(stage.index, scope);
    const steps: TracedStep[] = [];
    traced.push({ stage, node: parts.node(stage.from), steps });
    for (const written of stage.instructions) {
      const step = attempt(() => traceStep(written, scope, parts, args));
      if (step === undefined) return traced;
      steps.push(step);
    }
  }
  return traced;
}

/** The names after FROM; undefined when one of them names nothing: such a build does not begin. */
function baseNames({ file, options }: TraceParts, args: Values): readonly string[] | undefined {
  const names: string[] = [];
  for (const { from } of file.stages) {
    const name = attempt(() => expandWord(from.base, (key) => args.get(key), file.directives));
    if (name === undefined || name === "") return undefined;
    if (!options.isImageName(name)) return undefined;
    names.push(name);
  }
  return names;
}

function firstScope(
  stage: Stage,
  base: string,
  scopes: ReadonlyMap<number, StageScope>,
  { file, options }: TraceParts,
): StageScope {
  const earlier = file.stages.slice(0, stage.index).findLast((other) => other.name === base.toLowerCase());
  const inherited = earlier && scopes.get(earlier.index);
  if (inherited !== undefined) return inherited.fork();
  return base === "scratch" ? StageScope.scratch() : StageScope.image(options.bases?.get(stage.index));
}

/** ARG's own values are filled in one by one, each with those before it. */
function traceStep(written: Instruction, scope: StageScope, parts: TraceParts, args: Values): TracedStep {
  const { escape } = parts.file.directives;
  const missing = new Set<string>();
  const lookup = (name: string): string | undefined => {
    const value = scope.env.get(name);
    if (value === undefined) missing.add(name);
    return value;
  };
  const { hasOwnShell, hasWorkdir } = scope;
  const knownNames = [...scope.env.keys()];
  const expanded =
    written.kind === "arg"
      ? declareArgs(written, scope, args, (arg) => expandInstruction(arg, lookup, escape), parts)
      : expandInstruction(written, lookup, escape);
  // The shell of a RUN and the ports of an EXPOSE are not looked at, as in BuildKit.
  const isLookedAt = scope.isEnvKnown && written.kind !== "expose";
  const undefinedNames = isLookedAt ? [...missing].filter((name) => !scope.isDeclared(name)) : [];
  scope.apply(expanded);
  return {
    node: parts.node(written),
    written,
    expanded,
    undefinedNames,
    knownNames,
    hasOwnShell,
    hasWorkdir,
  };
}

function declareArgs(
  written: ArgInstruction,
  scope: StageScope,
  args: Values,
  expand: (arg: ArgInstruction) => ArgInstruction,
  { options }: TraceParts,
): ArgInstruction {
  const declarations = written.args.map((declaration) => {
    const [own = declaration] = expand({ ...written, args: [declaration] }).args;
    scope.declare(own.key, options.buildArgs?.[own.key] ?? own.value ?? args.get(own.key));
    return own;
  });
  return { ...written, args: declarations };
}
