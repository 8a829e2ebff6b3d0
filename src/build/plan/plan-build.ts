import { SlipwayError } from "../../errors.ts";
import type { Dockerfile } from "../../dockerfile/dockerfile.ts";
import { DockerfileError } from "../../dockerfile/dockerfile-error.ts";
import type { Instruction, Stage } from "../../dockerfile/instruction.ts";
import type { BaseImage, LintOptions } from "../../dockerfile/lint/lint-options.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import { formatPlatform, parsePlatform, type Platform } from "../../oci/platform.ts";
import type { Entitlement, NamedContext } from "../builder.ts";
import type { BuildPlan, ImageNeed, KnownImage, Vertex } from "../vertex.ts";
import { platformArgs } from "./build-args.ts";
import { didYouMean } from "../../dockerfile/suggest.ts";
import { baseForChecks, checkDockerfile } from "./check-dockerfile.ts";
import { dispatch } from "./dispatch.ts";
import { globalArguments } from "../../dockerfile/global-args.ts";
import { expandText, parseTrigger } from "./expand.ts";
import { ImageTable } from "./image-table.ts";
import { InstructionList } from "./instruction-list.ts";
import { contextVertex } from "./context-vertex.ts";
import { placed, reject, type PlanScope } from "./scope.ts";
import { StageState } from "./stage-state.ts";

type PlannedInstructions = Pick<BuildPlan, "instructions" | "unusedArgs">;

export interface PlanOptions {
  /** A stage's name or number; the last one when absent. */
  readonly target?: string | undefined;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Steps are named with the platform they are for. */
  readonly showsPlatform?: boolean;
  /** What the image is for. */
  readonly platform: Platform;
  /** It was asked for: the image is of it, whatever its base is. */
  readonly isPlatformAsked?: boolean;
  /** What the build runs on. */
  readonly buildPlatform: Platform;
  readonly network?: "default" | "none" | "host";
  /** Rights over the machine that steps may ask for; `network: "host"` is the first of them. */
  readonly allow?: readonly Entitlement[];
  /** What names stand for instead of stages and images; keys in lower case. */
  readonly contexts?: Readonly<Record<string, NamedContext>>;
  /** The images known so far, by {@link imageKey}. */
  readonly images: ReadonlyMap<string, KnownImage>;
  /** What .dockerignore leaves out, for the build checks. */
  readonly ignore?: LintOptions["ignore"];
}

/** A plan, or the images that must be known before there can be one: ask again with them. */
export type PlanResult =
  | { readonly kind: "plan"; readonly plan: BuildPlan }
  | ({ readonly kind: "needs"; readonly images: readonly ImageNeed[] } & PlannedInstructions);

/**
 * Turns a Dockerfile into the graph of what to do and the config of the image. Pure. Stages the target does not
 * need are never looked at. Throws `DockerfileError` for what is wrong, also for a build check that `# check=error=true`
 * makes an error, and `not_found` for an unknown target.
 */
export function planBuild(file: Dockerfile, options: PlanOptions): PlanResult {
  const planner = new Planner(file, options);
  const target = planner.target();
  const state = planner.stage(target.index);
  if (planner.images.needs.length > 0)
    return { kind: "needs", images: planner.images.needs, ...planner.instructions() };
  return { kind: "plan", plan: planner.finish(state, target.index) };
}

class Planner {
  readonly images: ImageTable;
  readonly #file: Dockerfile;
  readonly #options: PlanOptions;
  readonly #globalArgs: ReadonlyMap<string, string>;
  readonly #states = new Map<number, StageState>();
  readonly #open = new Set<number>();
  readonly #unsupported: string[] = [];
  readonly #failures: DockerfileError[] = [];
  readonly #predefinedArgs: ReadonlyMap<string, string>;
  readonly #bases = new Map<number, BaseImage>();
  readonly #listed = new InstructionList();

  constructor(file: Dockerfile, options: PlanOptions) {
    this.#file = file;
    this.#options = options;
    this.images = new ImageTable(options.images);
    this.#predefinedArgs = platformArgs(options.buildPlatform, options.platform, this.#targetName());
    this.#globalArgs = globalArguments(file, options.buildArgs ?? {}, this.#predefinedArgs);
  }

  #targetName(): string {
    const { target } = this.#options;
    return target !== undefined && target !== "" ? target : (this.#file.stages.at(-1)?.name ?? "default");
  }

  /** The stage to build. */
  target(): Stage {
    const { target } = this.#options;
    const { stages } = this.#file;
    if (stages.length === 0)
      throw new DockerfileError("dockerfile contains no stages to build", this.#file.ast.location);
    const stage = target === undefined || target === "" ? stages.at(-1) : this.#find(target, stages.length);
    if (stage === undefined) throw noSuchTarget(target ?? "", stages);
    return stage;
  }

  /** A stage by name or number; of several with one name, the last before `end`. */
  #find(name: string, end: number): Stage | undefined {
    const before = this.#file.stages.slice(0, end);
    const named = before.findLast((stage) => stage.name === name.toLowerCase());
    return named ?? (/^\d+$/.test(name) ? before[Number(name)] : undefined);
  }

  /** Goes through a stage once, and through those it needs. */
  stage(index: number): StageState {
    const known = this.#states.get(index);
    if (known !== undefined) return known;
    const stage = this.#file.stages[index];
    if (stage === undefined) throw new SlipwayError("internal", `No stage ${index}`);
    if (this.#open.has(index))
      reject(stage.from, `circular dependency detected on stage: ${stage.name ?? `stage-${index}`}`);
    this.#open.add(index);
    const state = this.#run(stage);
    this.#open.delete(index);
    this.#states.set(index, state);
    return state;
  }

  #run(stage: Stage): StageState {
    const { state, steps } = this.#base(stage);
    const triggers = (state.config.OnBuild ?? []).map((text) => this.#trigger(text, stage));
    if (triggers.length > 0) delete state.config.OnBuild;
    const instructions = [...triggers, ...stage.instructions];
    this.#listed.begin(stage, steps === 0 ? undefined : state.vertex, triggers.length);
    const scope = this.#scope(stage, state, steps, instructions);
    const ofTrigger = { ...scope, nextPrefix: () => `${scope.nextPrefix()}ONBUILD ` };
    for (const [at, instruction] of instructions.entries()) {
      const before = state.vertex;
      placed(instruction, () => dispatch(instruction, at < triggers.length ? ofTrigger : scope));
      this.#listed.add(stage.index, instruction, state.vertex === before ? undefined : state.vertex);
    }
    return state;
  }

  /** What the stages gone through are made of. */
  instructions(): PlannedInstructions {
    const { buildArgs = {}, labels = {} } = this.#options;
    return {
      instructions: this.#listed.all(this.#file.globalArgs, labels),
      unusedArgs: this.#listed.unusedArgs(this.#file.globalArgs, [...this.#predefinedArgs.keys()], buildArgs),
    };
  }

  #trigger(text: string, stage: Stage): Instruction {
    return parseTrigger(text, stage.from.location);
  }

  /** What the stage starts from, and how many steps that counts for. */
  #base(stage: Stage): { state: StageState; steps: number } {
    const escape = this.#file.directives.escape;
    const name = expandText(stage.from.base, this.#globalArgs, escape, stage.from.location);
    if (name === "") reject(stage.from, `base name (${stage.from.base}) should not be blank`);
    const platform = this.#platform(stage);
    const named = this.#context(name);
    if (named !== undefined) return this.#namedBase(name, named, stage, platform);
    const earlier = this.#file.stages
      .slice(0, stage.index)
      .findLast((other) => other.name === name.toLowerCase());
    if (earlier !== undefined) return { state: this.stage(earlier.index).fork(), steps: 0 };
    if (name === "scratch") return { state: StageState.scratch(platform), steps: 0 };
    const image = this.images.base(name, platform, stage.from, this.#prefix(stage, 1, this.#count(stage, 1)));
    this.#bases.set(stage.index, baseForChecks(image));
    return { state: image, steps: 1 };
  }

  #context(name: string): NamedContext | undefined {
    const contexts = this.#options.contexts ?? {};
    const key = name.toLowerCase();
    return Object.hasOwn(contexts, key) ? contexts[key] : undefined;
  }

  #namedBase(
    name: string,
    context: NamedContext,
    stage: Stage,
    platform: Platform,
  ): { state: StageState; steps: number } {
    if (isScratch(context)) return { state: StageState.scratch(platform), steps: 0 };
    const prefix = this.#prefix(stage, 1, this.#count(stage, 1));
    if (context.kind === "image")
      return { state: this.images.base(context.reference, platform, stage.from, prefix), steps: 1 };
    const state = StageState.scratch(platform);
    state.vertex = contextVertex(name.toLowerCase(), stage.from, {
      name: `${prefix}FROM ${name}`,
      stage: this.#shownName(stage),
    });
    return { state, steps: 1 };
  }

  #platform(stage: Stage): Platform {
    const { platform } = stage.from;
    if (platform === undefined) return this.#options.platform;
    const text = expandText(platform, this.#globalArgs, this.#file.directives.escape, stage.from.location);
    if (text === "") reject(stage.from, `empty platform value from expression ${platform}`);
    return placed(stage.from, () => parsePlatform(text, this.#options.buildPlatform));
  }

  #scope(stage: Stage, state: StageState, steps: number, all: readonly Instruction[]): PlanScope {
    let step = steps;
    const total = steps + all.filter(isStep).length;
    return {
      state,
      stageIndex: stage.index,
      stageName: this.#shownName(stage),
      escape: this.#file.directives.escape,
      buildArgs: this.#options.buildArgs ?? {},
      globalArgs: this.#globalArgs,
      network: this.#options.network ?? "default",
      allow: this.#options.allow ?? [],
      buildPlatform: this.#options.buildPlatform,
      unsupported: this.#unsupported,
      failures: this.#failures,
      isContext: (from) => ["directory", "remote"].includes(this.#context(from)?.kind ?? ""),
      sourceOf: (from, instruction) => this.#source(from, instruction, stage, state.platform),
      nextPrefix: () => this.#prefix(stage, (step += 1), total),
    };
  }

  #count(stage: Stage, steps: number): number {
    return steps + stage.instructions.filter(isStep).length;
  }

  #shownName(stage: Stage): string {
    return stage.name ?? (this.#file.stages.length > 1 ? `stage-${stage.index}` : "");
  }

  #prefix(stage: Stage, step: number, total: number): string {
    const platform = this.#options.showsPlatform === true ? this.#shownPlatform(stage) : "";
    const name = [platform, this.#shownName(stage)].filter(Boolean).join(" ");
    const number = String(step).padStart(String(total).length);
    return `[${name}${name === "" ? "" : " "}${number}/${total}] `;
  }

  /** `linux/amd64`, or `linux/amd64->arm64` for a stage that works for another platform than its own. */
  #shownPlatform(stage: Stage): string {
    const [own, target] = [this.#platform(stage), this.#options.platform];
    const [name, wanted] = [formatPlatform(own), formatPlatform(target)];
    if (name === wanted) return name;
    return `${name}->${own.os === target.os ? wanted.slice(own.os.length + 1) : wanted}`;
  }

  #source(from: string, instruction: Instruction, by: Stage, platform: Platform): Vertex | undefined {
    if (from.includes("$"))
      reject(
        instruction,
        "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround",
      );
    const named = this.#context(from);
    if (isScratch(named)) return undefined;
    if (named?.kind === "image") return this.images.source(named.reference, platform, instruction);
    const stage = this.#find(from, this.#file.stages.length);
    if (stage !== undefined) {
      const { vertex } = this.stage(stage.index);
      if (stage.index > by.index) reject(instruction, definedLater(from, instruction, this.#shownName(by)));
      return vertex;
    }
    if (/^\d+$/.test(from)) reject(instruction, `invalid stage index "${from}"`);
    if (from === "scratch") return undefined;
    return this.images.source(from, platform, instruction);
  }

  finish(state: StageState, target: number): BuildPlan {
    const { labels } = this.#options;
    if (labels !== undefined && Object.keys(labels).length > 0)
      state.config.Labels = { ...state.config.Labels, ...labels };
    return {
      target: state.vertex,
      vertices: inOrder(state.vertex),
      config: this.#config(state),
      history: state.history,
      layerVertices: state.layerVertices,
      warnings: this.#check(target),
      ...this.instructions(),
      unsupported: this.#unsupported,
      failure: this.#failures[0],
    };
  }

  #config(state: StageState): ImageConfig {
    const config = state.imageConfig();
    const { platform, isPlatformAsked = false } = this.#options;
    if (!isPlatformAsked) return config;
    const { os, architecture, variant, "os.version": version } = platform;
    const { variant: ownVariant, "os.version": ownVersion, ...rest } = config;
    const isSame = config.os === os && config.architecture === architecture;
    const [shownVariant, shownVersion] = isSame
      ? [variant ?? ownVariant, version ?? ownVersion]
      : [variant, version];
    return {
      ...rest,
      os,
      architecture,
      ...(shownVariant !== undefined && { variant: shownVariant }),
      ...(shownVersion !== undefined && { "os.version": shownVersion }),
    };
  }

  #check(target: number): BuildPlan["warnings"] {
    const { ignore, buildArgs = {} } = this.#options;
    return checkDockerfile(this.#file, {
      target,
      buildArgs,
      ignore,
      predefinedArgs: this.#predefinedArgs,
      bases: this.#bases,
    });
  }
}

/** In BuildKit's words. */
export function noSuchTarget(target: string, stages: readonly Stage[]): SlipwayError {
  const names = stages.flatMap(({ name }) => name ?? []);
  const hint = didYouMean(target, names);
  return new SlipwayError("not_found", `target stage "${target}" could not be found${hint}`);
}

/** `docker-image://scratch`: no image has that name. */
function isScratch(context: NamedContext | undefined): boolean {
  return context?.kind === "image" && context.reference === "scratch";
}

/** In BuildKit's words. */
function definedLater(from: string, instruction: Instruction, by: string): string {
  const stage = JSON.stringify(from);
  return instruction.kind === "run"
    ? `cannot mount from stage ${stage}, stage needs to be defined before current command`
    : `cannot copy from stage ${stage}, it needs to be defined before current stage ${JSON.stringify(by)}`;
}

function isStep(instruction: Instruction): boolean {
  return ["run", "copy", "add", "workdir"].includes(instruction.kind);
}

/** Everything `target` stands on, inputs first. */
function inOrder(target: Vertex | undefined): Vertex[] {
  const seen = new Map<Digest, Vertex>();
  const visit = (vertex: Vertex): void => {
    if (seen.has(vertex.digest)) return;
    for (const input of vertex.inputs) visit(input);
    seen.set(vertex.digest, vertex);
  };
  if (target !== undefined) visit(target);
  return [...seen.values()];
}
