import { posix } from "node:path";
import { DockerfileError } from "../../dockerfile/dockerfile-error.ts";
import { chompTabs } from "../../dockerfile/heredoc.ts";
import type { RunInstruction } from "../../dockerfile/instruction.ts";
import type { MountSpec, SshMountSpec } from "../../dockerfile/mount-spec.ts";
import type { Entitlement } from "../builder.ts";
import { builderArgs } from "../builder-args.ts";
import type { ExecMount, ExecOp, FileSource, Vertex } from "../vertex.ts";
import { platformDistance } from "../../oci/platform-match.ts";
import type { Platform } from "../../oci/platform.ts";
import { commandArgs, stepOf } from "./dispatch.ts";
import { formatEnv } from "./env.ts";
import { addHistory, runHistory } from "./history.ts";
import { contextFiles } from "./plan-copy.ts";
import type { PlanScope } from "./scope.ts";
import { makeVertex } from "./stage-state.ts";

/** Where a heredoc with a `#!` line is put to be run. */
const scriptDirectory = "/dev/pipes";

/** RUN: a process on top of the stage. */
export function planRun(run: RunInstruction, scope: PlanScope): void {
  const { state } = scope;
  const inputs: Vertex[] = state.vertex === undefined ? [] : [state.vertex];
  const agents = run.mounts.filter((mount) => mount.type === "ssh");
  const mounts = run.mounts.map((mount) =>
    mount.type === "ssh"
      ? planAgent(mount, agents.indexOf(mount), scope)
      : planMount(mount, run, scope, inputs),
  );
  if (run.heredocFile !== undefined) mounts.push(scriptMount(run.heredocFile));
  const args = runArgs(run, scope);
  if (args.length === 0)
    scope.failures.push(new DockerfileError("RUN requires at least one argument", run.location));
  for (const right of missingRights(run, scope))
    scope.failures.push(
      new DockerfileError(`${right} is not allowed (--allow ${right} allows it)`, run.location),
    );
  const declared = new Set(state.args.map((arg) => arg.key));
  const op: ExecOp = {
    kind: "exec",
    ...(state.vertex !== undefined && { base: 0 }),
    args,
    env: [...formatEnv(state.env), ...agentEnv(mounts)],
    argNames: [...declared].filter((key) => !state.imageEnv.has(key)),
    cwd: state.cwd,
    user: state.config.User ?? "",
    network: run.network === "default" ? scope.network : run.network,
    mounts,
    ...(run.security === "insecure" && { isPrivileged: true }),
    ...(isForeign(state.base, scope.buildPlatform) && { platform: platformOf(state.base) }),
  };
  const text = `RUN ${shownCommand(run)}`;
  state.vertex = makeVertex(op, inputs, stepOf(run, scope, scope.nextPrefix() + text));
  addHistory(state, runHistory(state, args), state.vertex);
}

/** What the step asks for and nobody gave to the build. */
function missingRights(run: RunInstruction, { network, allow }: PlanScope): Entitlement[] {
  const asked: Entitlement[] = [];
  if (run.network === "host" && network !== "host") asked.push("network.host");
  if (run.security === "insecure") asked.push("security.insecure");
  return asked.filter((right) => !allow.includes(right));
}

/** Programs find the first agent by this variable, which is there also when the agent is not, as in BuildKit. */
function agentEnv(mounts: readonly ExecMount[]): string[] {
  const first = mounts.find((mount) => mount.type === "ssh");
  return first === undefined ? [] : [`SSH_AUTH_SOCK=${first.target}`];
}

function platformOf({ os, architecture, variant }: Platform): Platform {
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** Whether programs of `platform` need an emulator. */
function isForeign(platform: Platform, machine: Platform): boolean {
  return platformDistance(machine, platform) === undefined;
}

function runArgs(run: RunInstruction, scope: PlanScope): readonly string[] {
  if (run.heredocFile === undefined) return commandArgs(run.command, scope.state);
  return [...scope.state.shell, `${scriptDirectory}/${run.heredocFile.name}`];
}

/**
 * The command as a progress display shows it: the instruction without its keyword, in one line, and how a here-document
 * that is all of it begins.
 */
function shownCommand(run: RunInstruction): string {
  const line = run.original.replace(/^\s*RUN\s+/i, "").replace(/\s*\n\s*/g, " ");
  const [document] = run.heredocs;
  if (document === undefined || run.command.form === "exec" || !isHeredocAlone(run)) return line;
  const [first = "", ...more] = document.content.trim().split("\n");
  return `${line} (${first}${more.length > 0 ? "..." : ""})`;
}

function isHeredocAlone({ heredocFile, command, heredocs }: RunInstruction): boolean {
  if (heredocFile !== undefined) return true;
  const [first] = heredocs;
  if (command.form === "exec" || first === undefined) return false;
  return command.script === (first.chomp ? chompTabs(first.content) : first.content);
}

function scriptMount(file: { name: string; content: string }): ExecMount {
  const files: FileSource = { from: "inline", files: [{ ...file, mode: 0o755 }] };
  return { type: "bind", target: scriptDirectory, files, path: "/", readWrite: false };
}

function planAgent(mount: SshMountSpec, number: number, scope: PlanScope): ExecMount {
  return {
    type: "ssh",
    id: mount.id ?? "default",
    target: posix.resolve(scope.state.cwd, mount.target ?? `/run/buildkit/ssh_agent.${number}`),
    required: mount.required,
    uid: mount.uid ?? 0,
    gid: mount.gid ?? 0,
    mode: mount.mode ?? 0o600,
  };
}

function planMount(
  mount: Exclude<MountSpec, SshMountSpec>,
  run: RunInstruction,
  scope: PlanScope,
  inputs: Vertex[],
): ExecMount {
  const target = mount.target === undefined ? undefined : posix.resolve(scope.state.cwd, mount.target);
  switch (mount.type) {
    case "bind": {
      const files = bindSource(mount.from, run, scope, inputs);
      const path = posix.resolve("/", mount.source ?? "");
      return { type: "bind", target: target ?? "/", files, path, readWrite: mount.readWrite };
    }
    case "cache": {
      const { sharing, readOnly } = mount;
      const common = {
        target: target ?? "/",
        id: cacheID(mount.id ?? target ?? "/", scope),
        sharing,
        readOnly,
      };
      const from = mount.from;
      const path = posix.resolve("/", mount.source ?? "");
      return {
        type: "cache",
        ...common,
        uid: mount.uid ?? 0,
        gid: mount.gid ?? 0,
        mode: mount.mode ?? 0o755,
        ...(from !== undefined && { start: { files: bindSource(from, run, scope, inputs), path } }),
      };
    }
    case "tmpfs":
      return { type: "tmpfs", target: target ?? "/", ...(mount.size !== undefined && { size: mount.size }) };
    case "secret": {
      const id = mount.id ?? posix.basename(target ?? mount.env ?? "");
      const file = target ?? (mount.env === undefined ? `/run/secrets/${id}` : undefined);
      return {
        type: "secret",
        id,
        ...(file !== undefined && { target: file }),
        ...(mount.env !== undefined && { env: mount.env }),
        required: mount.required,
        uid: mount.uid ?? 0,
        gid: mount.gid ?? 0,
        mode: mount.mode ?? 0o400,
      };
    }
  }
}

function cacheID(id: string, { buildArgs }: PlanScope): string {
  const { cacheNamespace } = builderArgs(buildArgs);
  return cacheNamespace === undefined ? id : `${cacheNamespace}/${id}`;
}

function bindSource(
  from: string | undefined,
  run: RunInstruction,
  scope: PlanScope,
  inputs: Vertex[],
): FileSource {
  if (from === undefined || scope.isContext(from)) return contextFiles(from);
  const source = scope.sourceOf(from, run);
  if (source === undefined) return { from: "nothing" };
  inputs.push(source);
  return { from: "input", input: inputs.length - 1 };
}
