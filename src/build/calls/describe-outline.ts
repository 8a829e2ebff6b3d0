import type { Dockerfile } from "../../dockerfile/dockerfile.ts";
import { expandInstruction } from "../../dockerfile/expand-instruction.ts";
import { globalArguments } from "../../dockerfile/global-args.ts";
import type { ArgInstruction, RunInstruction, Stage } from "../../dockerfile/instruction.ts";
import { attempt } from "../../dockerfile/lint/trace-parts.ts";
import { neededStages } from "../../dockerfile/lint/needed-stages.ts";
import { expandText } from "../plan/expand.ts";
import { answerLocation, type OutlineDocument } from "./build-answer.ts";
import { stageDescription } from "./describe-targets.ts";
import { descriptionOf } from "./description-of.ts";

interface OutlineOptions {
  /** The stage to build. */
  readonly target: Stage;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** TARGETPLATFORM and its like. */
  readonly predefined: ReadonlyMap<string, string>;
}

type Mutable<T> = T extends readonly (infer E)[] ? E[] : never;
type Args = Mutable<NonNullable<OutlineDocument["args"]>>;
type Wants = Mutable<NonNullable<OutlineDocument["secrets"]>>;

/** What building a target can be given: arguments that its stages and their FROM lines use, secrets, agents. Pure. */
export function describeOutline(file: Dockerfile, text: string, options: OutlineOptions): OutlineDocument {
  const { target, buildArgs, predefined } = options;
  const globals = globalArguments(file, buildArgs, predefined);
  const escape = file.directives.escape;
  const bases = file.stages.map(
    ({ from }) => attempt(() => expandText(from.base, globals, escape, from.location)) ?? from.base,
  );
  const needed = neededStages(file, bases, target.index);
  const stages = file.stages.filter(({ index }) => needed.has(index));
  const description = stageDescription(file, target);
  const runs = stages.flatMap(({ instructions }) => instructions.filter((each) => each.kind === "run"));
  return {
    name: target.name ?? "",
    ...(description !== undefined && { description }),
    ...some("args", argsOf(file, stages, { buildArgs, globals })),
    ...some("secrets", wanted(runs, "secret")),
    ...some("ssh", wanted(runs, "ssh")),
    ...some("cache", cachesOf(runs)),
    sources: [Buffer.from(text).toString("base64")],
  };
}

function some<K extends string, T>(key: K, list: readonly T[]): { [P in K]?: readonly T[] } {
  return list.length === 0 ? {} : ({ [key]: list } as { [P in K]?: readonly T[] });
}

interface ArgValues {
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly globals: ReadonlyMap<string, string>;
}

/** Global ones that a FROM or a stage uses, and those that stages declare, in the order of the file. */
function argsOf(file: Dockerfile, stages: readonly Stage[], values: ArgValues): Args {
  const froms = stages.map(({ from }) => `${from.base} ${from.platform ?? ""}`).join(" ");
  const declared = stages.flatMap(({ instructions }) => instructions.filter((each) => each.kind === "arg"));
  const inStages = new Set(declared.flatMap(({ args }) => args.map(({ key }) => key)));
  const isUsed = (key: string): boolean =>
    inStages.has(key) || new RegExp(String.raw`\$(\{)?${key}\b`).test(froms);
  const found = new Map<string, Args[number]>();
  for (const written of file.globalArgs)
    for (const arg of toArgs(file, written, values)) if (isUsed(arg.name)) found.set(arg.name, arg);
  for (const written of declared)
    for (const arg of toArgs(file, written, values)) if (!found.has(arg.name)) found.set(arg.name, arg);
  return [...found.values()].toSorted((a, b) => lineOf(a) - lineOf(b));
}

function lineOf({ location }: Args[number]): number {
  return location.ranges[0]?.start.line ?? 0;
}

function toArgs(file: Dockerfile, written: ArgInstruction, { buildArgs, globals }: ArgValues): Args {
  return written.args.map((declaration) => {
    const { key } = declaration;
    const alone = { ...written, args: [declaration] };
    const own = attempt(
      () => expandInstruction(alone, (name) => globals.get(name), file.directives.escape).args[0]?.value,
    );
    const value = buildArgs[key] ?? own ?? globals.get(key);
    const description = descriptionOf(key, file, written.location);
    return {
      name: key,
      ...(description !== undefined && { description }),
      ...(value !== undefined && { value }),
      location: answerLocation(written.location),
    };
  });
}

function wanted(runs: readonly RunInstruction[], type: "secret" | "ssh"): Wants {
  const found = new Map<string, Wants[number]>();
  for (const { mounts, location } of runs) {
    for (const mount of mounts) {
      if (mount.type !== type) continue;
      const name = mount.id ?? (type === "ssh" ? "default" : (mount.target?.split("/").at(-1) ?? ""));
      const isRequired = mount.required || found.get(name)?.required === true;
      const place = found.get(name)?.location ?? answerLocation(location);
      found.set(name, { name, ...(isRequired && { required: true }), location: place });
    }
  }
  return [...found.values()];
}

function cachesOf(runs: readonly RunInstruction[]): { readonly ID: string }[] {
  const ids = runs.flatMap(({ mounts }) =>
    mounts.flatMap((mount) => (mount.type === "cache" ? [mount.id ?? mount.target] : [])),
  );
  return [...new Set(ids)].map((ID) => ({ ID }));
}
