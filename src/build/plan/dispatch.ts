import type {
  ArgInstruction,
  CommandLine,
  EnvInstruction,
  ExposeInstruction,
  HealthcheckInstruction,
  Instruction,
  LabelInstruction,
  VolumeInstruction,
  WorkdirInstruction,
} from "../../dockerfile/instruction.ts";
import type { HealthConfig } from "../../oci/image-config.ts";
import { posix } from "node:path";
import { expand } from "./expand.ts";
import { goList, goQuoteList } from "./go-format.ts";
import { formatGoDuration } from "../../internal/go-duration.ts";
import { parseSignal } from "../../runtime/signals.ts";
import { addHistory } from "./history.ts";
import { expandPorts } from "./ports.ts";
import { planCopy } from "./plan-copy.ts";
import { planRun } from "./plan-run.ts";
import { reject, type PlanScope } from "./scope.ts";
import { makeVertex, type StageState } from "./stage-state.ts";
import { formatEnv } from "./env.ts";
import type { Vertex } from "../vertex.ts";
import { unsupportedIn } from "./unsupported.ts";

/** Applies one instruction to the stage: its config, its history, and a vertex when it makes a layer. */
export function dispatch(written: Instruction, scope: PlanScope): void {
  const { state } = scope;
  if (written.kind === "arg") return planArg(written, scope);
  const instruction = expand(written, state.env, scope.escape);
  const problem = unsupportedIn(instruction);
  if (problem !== undefined) scope.unsupported.push(problem);
  switch (instruction.kind) {
    case "run":
      return planRun(instruction, scope);
    case "copy":
    case "add":
      return planCopy(instruction, scope);
    case "workdir":
      return planWorkdir(instruction, scope);
    case "env":
      return setEnv(instruction, state);
    case "label":
      return setLabels(instruction, state);
    case "expose":
      return setPorts(instruction, state);
    case "volume":
      return setVolumes(instruction, state);
    case "healthcheck":
      return setHealthcheck(instruction, state);
    default:
      return setPlain(instruction, state);
  }
}

type PlainInstruction = Extract<
  Instruction,
  { kind: "user" | "cmd" | "entrypoint" | "shell" | "stopsignal" | "onbuild" | "maintainer" }
>;

function setPlain(instruction: PlainInstruction, state: StageState): void {
  switch (instruction.kind) {
    case "user":
      state.config.User = instruction.user;
      return addHistory(state, `USER ${instruction.user}`);
    case "cmd":
      return setCmd(instruction.command, state);
    case "entrypoint":
      return setEntrypoint(instruction.command, state);
    case "shell":
      state.config.Shell = instruction.shell;
      return addHistory(state, `SHELL ${goList(instruction.shell)}`);
    case "stopsignal":
      parseSignal(instruction.signal);
      state.config.StopSignal = instruction.signal;
      return addHistory(state, `STOPSIGNAL ${instruction.signal}`);
    case "onbuild":
      state.config.OnBuild = [...(state.config.OnBuild ?? []), instruction.expression];
      return undefined;
    case "maintainer":
      state.author = instruction.maintainer;
      return addHistory(state, `MAINTAINER ${instruction.maintainer}`);
  }
}

function setEnv(instruction: EnvInstruction, state: StageState): void {
  for (const { key, value } of instruction.variables) {
    state.setEnv(key, value);
    state.imageEnv.set(key, value);
  }
  addHistory(state, `ENV ${instruction.variables.map(({ key, value }) => `${key}=${value}`).join(" ")}`);
}

/** A build argument wins over the default here, which wins over the global one. */
function planArg(instruction: ArgInstruction, scope: PlanScope): void {
  const { state, buildArgs, globalArgs } = scope;
  const shown: string[] = [];
  for (const written of instruction.args) {
    const given = buildArgs[written.key];
    const alone = { ...instruction, args: [written] };
    const own =
      written.value === undefined || given !== undefined
        ? undefined
        : expand(alone, state.env, scope.escape).args[0]?.value;
    const value = given ?? own ?? globalArgs.get(written.key);
    state.args.push({ key: written.key, value });
    if (value !== undefined) state.setEnv(written.key, value);
    shown.push(value === undefined ? written.key : `${written.key}=${value}`);
  }
  addHistory(state, `ARG ${shown.join(" ")}`);
}

function setLabels(instruction: LabelInstruction, state: StageState): void {
  const labels = { ...state.config.Labels };
  for (const { key, value } of instruction.labels) labels[key] = value;
  state.config.Labels = labels;
  addHistory(state, `LABEL ${instruction.labels.map(({ key, value }) => `${key}=${value}`).join(" ")}`);
}

function setPorts(instruction: ExposeInstruction, state: StageState): void {
  const ports = [...new Set(instruction.ports.flatMap(expandPorts))].sort(byPort);
  const exposed = { ...state.config.ExposedPorts };
  for (const port of ports) exposed[port] = {};
  state.config.ExposedPorts = exposed;
  addHistory(state, `EXPOSE ${goList(ports)}`);
}

function byPort(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1);
}

function setVolumes(instruction: VolumeInstruction, state: StageState): void {
  const volumes = { ...state.config.Volumes };
  for (const path of instruction.paths) {
    if (path.trim() === "") reject(instruction, "VOLUME specified can not be an empty string");
    volumes[path.trim()] = {};
  }
  state.config.Volumes = volumes;
  addHistory(state, `VOLUME ${goList(instruction.paths)}`);
}

function planWorkdir(instruction: WorkdirInstruction, scope: PlanScope): void {
  const { state } = scope;
  const path = posix.resolve(state.cwd, instruction.path);
  state.config.WorkingDir = path;
  const prefix = scope.nextPrefix();
  if (path === "/") return addHistory(state, `WORKDIR ${path}`);
  const { User: user = "" } = state.config;
  const owner = /^(|root|0)(:(root|0)?)?$/.test(user) ? {} : { user };
  const op = { kind: "mkdir", path, ...owner, ...(state.vertex !== undefined && { base: 0 }) } as const;
  const inputs = state.vertex === undefined ? [] : [state.vertex];
  state.vertex = makeVertex(op, inputs, stepOf(instruction, scope, `${prefix}WORKDIR ${instruction.path}`));
  addHistory(state, `WORKDIR ${path}`, state.vertex);
}

type StepAbout = Required<Pick<Vertex, "name" | "stage" | "line" | "text" | "place" | "process">> & {
  file?: string;
};

/** What names a vertex: shown name, stage, line, text, place; and what a process gets there. */
export function stepOf(instruction: Instruction, scope: PlanScope, name: string): StepAbout {
  const { state } = scope;
  const number = state.history.length;
  const { file } = instruction.location;
  return {
    ...(file !== undefined && { file }),
    name,
    stage: scope.stageName,
    line: instruction.location.startLine,
    text: instruction.original,
    place: `${scope.stageIndex} ${number}`,
    process: { env: formatEnv(state.imageEnv), cwd: state.cwd, user: state.config.User ?? "" },
  };
}

function setCmd(command: CommandLine, state: StageState): void {
  const args = commandArgs(command, state);
  state.config.Cmd = args;
  state.config.ArgsEscaped = true;
  state.cmdSet = true;
  addHistory(state, `CMD ${goQuoteList(args)}`);
}

function setEntrypoint(command: CommandLine, state: StageState): void {
  const args = commandArgs(command, state);
  state.config.Entrypoint = args;
  if (!state.cmdSet) delete state.config.Cmd;
  addHistory(state, `ENTRYPOINT ${goQuoteList(args)}`);
}

/** The argument list: the shell form goes through the stage's shell. */
export function commandArgs(command: CommandLine, state: StageState): readonly string[] {
  return command.form === "exec" ? command.args : [...state.shell, command.script];
}

function setHealthcheck(check: HealthcheckInstruction, state: StageState): void {
  const config: HealthConfig = {
    Test: healthTest(check.test),
    ...(check.interval !== undefined && check.interval !== 0 && { Interval: check.interval }),
    ...(check.timeout !== undefined && check.timeout !== 0 && { Timeout: check.timeout }),
    ...(check.startPeriod !== undefined && check.startPeriod !== 0 && { StartPeriod: check.startPeriod }),
    ...(check.startInterval !== undefined &&
      check.startInterval !== 0 && { StartInterval: check.startInterval }),
    ...(check.retries !== undefined && check.retries !== 0 && { Retries: check.retries }),
  };
  state.config.Healthcheck = config;
  addHistory(state, `HEALTHCHECK ${formatHealthcheck(config)}`);
}

function healthTest(test: CommandLine | undefined): readonly string[] {
  if (test === undefined) return ["NONE"];
  return test.form === "exec" ? ["CMD", ...test.args] : ["CMD-SHELL", test.script];
}

function formatHealthcheck(config: HealthConfig): string {
  const times = [
    `Interval:${formatGoDuration(config.Interval ?? 0)}`,
    `Timeout:${formatGoDuration(config.Timeout ?? 0)}`,
    `StartPeriod:${formatGoDuration(config.StartPeriod ?? 0)}`,
    `StartInterval:${formatGoDuration(config.StartInterval ?? 0)}`,
  ];
  return `{Test:${goList(config.Test ?? [])} ${times.join(" ")} Retries:${config.Retries ?? 0}}`;
}
