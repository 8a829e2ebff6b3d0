import type { Heredoc } from "./heredoc.ts";
import type { MountSpec } from "./mount-spec.ts";
import type { SourceLocation } from "./source-location.ts";

/** What is to be run: a script for the stage's shell, or an argument list as it is. */
export type CommandLine =
  | { readonly form: "shell"; readonly script: string }
  | { readonly form: "exec"; readonly args: readonly string[] };

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

interface InstructionBase {
  readonly location: SourceLocation;
  /** The whole instruction as written, continued lines joined: `COPY --from=base a b`. Docker's history shows it. */
  readonly original: string;
}

/** `FROM [--platform=…] image [AS name]`. Variables are not expanded yet: only global ARGs apply to it. */
export interface FromInstruction extends InstructionBase {
  readonly kind: "from";
  readonly base: string;
  readonly platform?: string;
  /** In lower case: stage names know no case. */
  readonly alias?: string;
}

/** `RUN --device=vendor.com/class=name,required` (Dockerfile reference, "RUN --device"). */
export interface DeviceSpec {
  readonly name: string;
  readonly required: boolean;
}

/** Expansion of variables in it is the shell's at run time, but for the values of mounts (see expandInstruction). */
export interface RunInstruction extends InstructionBase {
  readonly kind: "run";
  /**
   * With heredocs: one alone (`RUN <<EOF`) has its content as script here already (see `heredocFile` for a
   * shebang); else the script is the command followed by the documents, for the shell to read.
   */
  readonly command: CommandLine;
  readonly heredocs: readonly Heredoc[];
  /** Set when the one heredoc starts with `#!`: run it as an executable file of that name, not by the shell. */
  readonly heredocFile?: { readonly name: string; readonly content: string };
  /** Final after expandInstruction; before it, a number, flag or type that is a variable counts as not given. */
  readonly mounts: readonly MountSpec[];
  /** `--mount` values as written. */
  readonly mountTexts: readonly string[];
  readonly network: "default" | "none" | "host";
  readonly security: "sandbox" | "insecure";
  readonly devices: readonly DeviceSpec[];
}

/** What COPY and ADD share. */
interface FileInstruction extends InstructionBase {
  /** Paths as written, without heredocs. */
  readonly sources: readonly string[];
  /** Sources given inline, tabs already dropped; each becomes a file of its name. */
  readonly heredocs: readonly Heredoc[];
  readonly destination: string;
  readonly chown?: string;
  readonly chmod?: string;
  readonly link: boolean;
  readonly excludes: readonly string[];
}

export interface CopyInstruction extends FileInstruction {
  readonly kind: "copy";
  /** A stage's name or number, a named context, or an image. */
  readonly from?: string;
  /** Keep the directories of the source paths (`--parents`). */
  readonly parents: boolean;
}

export interface AddInstruction extends FileInstruction {
  readonly kind: "add";
  readonly checksum?: string;
  readonly keepGitDir: boolean;
  /** `--unpack`; undefined: unpack local archives, not downloads. */
  readonly unpack?: boolean;
}

export interface EnvInstruction extends InstructionBase {
  readonly kind: "env";
  readonly variables: readonly KeyValue[];
}

export interface ArgDeclaration {
  readonly key: string;
  /** The default, when one is written. */
  readonly value?: string;
}

/** `ARG a b=1`; in `Dockerfile.globalArgs` when it stands before the first FROM. */
export interface ArgInstruction extends InstructionBase {
  readonly kind: "arg";
  readonly args: readonly ArgDeclaration[];
}

export interface LabelInstruction extends InstructionBase {
  readonly kind: "label";
  readonly labels: readonly KeyValue[];
}

/** Ports as written: `80`, `80/udp`, `8000-8010`, `$PORT`. */
export interface ExposeInstruction extends InstructionBase {
  readonly kind: "expose";
  readonly ports: readonly string[];
}

export interface VolumeInstruction extends InstructionBase {
  readonly kind: "volume";
  readonly paths: readonly string[];
}

export interface WorkdirInstruction extends InstructionBase {
  readonly kind: "workdir";
  readonly path: string;
}

export interface UserInstruction extends InstructionBase {
  readonly kind: "user";
  readonly user: string;
}

export interface CmdInstruction extends InstructionBase {
  readonly kind: "cmd";
  readonly command: CommandLine;
}

export interface EntrypointInstruction extends InstructionBase {
  readonly kind: "entrypoint";
  readonly command: CommandLine;
}

export interface ShellInstruction extends InstructionBase {
  readonly kind: "shell";
  readonly shell: readonly string[];
}

export interface StopSignalInstruction extends InstructionBase {
  readonly kind: "stopsignal";
  readonly signal: string;
}

/** `test` undefined: `HEALTHCHECK NONE`. Times in nanoseconds; absent or 0: the default. */
export interface HealthcheckInstruction extends InstructionBase {
  readonly kind: "healthcheck";
  readonly test?: CommandLine;
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly startInterval?: number;
  readonly retries?: number;
}

/** The instruction a build on top of this image runs first; parse it with parseOnbuildTrigger when it comes up. */
export interface OnbuildInstruction extends InstructionBase {
  readonly kind: "onbuild";
  readonly expression: string;
}

export interface MaintainerInstruction extends InstructionBase {
  readonly kind: "maintainer";
  readonly maintainer: string;
}

/** One instruction inside a stage: its flags and arguments checked, its variables not expanded. */
export type Instruction =
  | RunInstruction
  | CopyInstruction
  | AddInstruction
  | EnvInstruction
  | ArgInstruction
  | LabelInstruction
  | ExposeInstruction
  | VolumeInstruction
  | WorkdirInstruction
  | UserInstruction
  | CmdInstruction
  | EntrypointInstruction
  | ShellInstruction
  | StopSignalInstruction
  | HealthcheckInstruction
  | OnbuildInstruction
  | MaintainerInstruction;

/** One FROM and what follows it. */
export interface Stage {
  /** Counted from 0. */
  readonly index: number;
  /** The alias, in lower case; undefined when it has none. */
  readonly name?: string;
  readonly from: FromInstruction;
  readonly instructions: readonly Instruction[];
  /** From the FROM to the last line of the last instruction. */
  readonly location: SourceLocation;
}
