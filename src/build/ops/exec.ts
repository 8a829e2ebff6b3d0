import { hostsLine } from "../../network/files.ts";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { SlipwayError } from "../../errors.ts";
import { CleanupStack } from "../../internal/cleanup-stack.ts";
import type { Digest } from "../../oci/digest.ts";
import type { OciMount } from "../../runtime/spec/oci-spec.ts";
import { serializeSpec } from "../../runtime/spec/serialize-spec.ts";
import type {
  HostFacts,
  NamespaceSource,
  ResourceInput,
  UlimitInput,
} from "../../runtime/spec/spec-input.ts";
import { toRuntimeSpec } from "../../runtime/spec/to-runtime-spec.ts";
import { useHostCA } from "../../runtime/host-ca.ts";
import { readAccountsToStart, resolveUser } from "../../runtime/user.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import {
  cacheKeyOf,
  type KeyPart,
  type OpHandler,
  type SnapshotRef,
  type StepContext,
} from "../op-handler.ts";
import { openStepRoot, type RootSource, type StepRoot } from "../step-root.ts";
import { placeInFile, type ExecOp, type Vertex } from "../vertex.ts";
import { inputPart } from "./input-part.ts";
import { ExecOutput } from "./exec-output.ts";
import { StubLayer } from "./stub-layer.ts";
import type { MountKey, PreparedMounts } from "./exec-mounts.ts";

/** A network namespace for one step; dispose gives it back. */
export interface StepNetwork extends AsyncDisposable {
  readonly namespace: NamespaceSource;
  /** The text of /etc/resolv.conf and /etc/hosts in the step. */
  readonly resolvConf: string;
  readonly hosts: string;
  /** What `--add-host name:host-gateway` stands for. */
  readonly hostGateway: string;
}

export interface ExecParts extends RootSource {
  readonly runtime: Pick<Runtime, "runForeground" | "expectStart">;
  readonly facts: HostFacts;
  readonly networkFor: (mode: ExecOp["network"], options: { signal: AbortSignal }) => Promise<StepNetwork>;
  /** `name:address` lines of `--add-host`. */
  readonly extraHosts: readonly string[];
  /** Default: `buildkitsandbox`. */
  readonly hostname: string | undefined;
  /** bytes */
  readonly shmSize: number | undefined;
  /** What each step may use; no part of the key. */
  readonly resources: ResourceInput;
  readonly ulimits: readonly UlimitInput[];
  /** The host's CA bundle, for steps that shall trust it. */
  readonly hostCA: string | undefined;
  /** Proxy settings: they reach the process, but neither key nor history. */
  readonly proxyEnv: readonly string[];
  /** Gets the mounts of a step ready. */
  readonly prepareMounts: (
    op: ExecOp,
    inputs: readonly SnapshotRef[],
    c: StepContext,
  ) => Promise<PreparedMounts>;
  /** Asked when a step has failed: true when it is taken over, filesystem and mounts, to be looked at. */
  readonly keepFailed?: ((step: FailedStep) => boolean) | undefined;
  /** What the mounts of a step add to its key. */
  readonly mountParts: (op: ExecOp, inputKeys: readonly Digest[], c: StepContext) => Promise<MountKey>;
}

/** A step whose process failed, as it was left. Dispose `held` when done with it. */
export interface FailedStep {
  readonly vertex: Vertex;
  readonly op: ExecOp;
  readonly root: StepRoot;
  readonly mounts: PreparedMounts;
  readonly error: unknown;
  readonly held: AsyncDisposable;
}

/** RUN. */
export function execHandler(parts: ExecParts): OpHandler<ExecOp> {
  return {
    async cacheKey(op, inputKeys, context) {
      const mounts = await parts.mountParts(op, inputKeys, context);
      const base = inputPart(op.base, inputKeys, context.vertex);
      const all = [...operationParts(op), ...hostParts(parts), ...base, ...mounts.parts];
      return cacheKeyOf(all, mounts.manifest);
    },
    async exec(op, inputs, context) {
      parts.runtime.expectStart();
      const parent = op.base === undefined ? undefined : inputs[op.base]?.snapshot;
      const held = new CleanupStack();
      let isKept = false;
      try {
        const mounts = await parts.prepareMounts(op, inputs, context);
        held.push(() => mounts[Symbol.asyncDispose]());
        const stubs = new StubLayer(parts.runDir, ["/etc/hosts", "/etc/resolv.conf"], mounts.mounts);
        held.push(() => stubs[Symbol.dispose]());
        const root = await openStepRoot(parts, parent, (all) => stubs.below(all));
        held.push(() => root[Symbol.asyncDispose]());
        await runStep(parts, { op, root: root.path, mounts, context }).catch((error: unknown) => {
          const failed = { vertex: context.vertex, op, root, mounts, error, held };
          isKept = parts.keepFailed?.(failed) === true;
          throw error;
        });
        return { snapshot: await root.commit() };
      } finally {
        if (!isKept) await held[Symbol.asyncDispose]();
      }
    },
  };
}

interface StepRun {
  readonly op: ExecOp;
  readonly root: string;
  readonly mounts: PreparedMounts;
  readonly context: StepContext;
}

async function runStep(parts: ExecParts, run: StepRun): Promise<void> {
  const { signal } = run.context;
  const id = `build-${crypto.randomUUID()}`;
  const bundle = `${parts.runDir}/${id}`;
  await using network = await parts.networkFor(run.op.network, { signal });
  const output = new ExecOutput(run.context);
  mkdirSync(bundle, { recursive: true, mode: 0o700 });
  try {
    writeBundle(parts, run, { id, bundle, network });
    const { exitCode } = await parts.runtime.runForeground(
      { id, bundle, onOutput: output.receive },
      { signal },
    );
    output.end();
    if (exitCode !== 0) throw failure(run, exitCode, output.lastLines());
  } finally {
    rmSync(bundle, { recursive: true, force: true });
  }
}

function writeBundle(
  parts: ExecParts,
  run: StepRun,
  at: { id: string; bundle: string; network: StepNetwork },
): void {
  const { op, root, mounts } = run;
  const { id, bundle, network } = at;
  writeFileSync(`${bundle}/resolv.conf`, network.resolvConf);
  const own = parts.hostname === undefined ? "" : `127.0.0.1\t${parts.hostname}\n`;
  writeFileSync(
    `${bundle}/hosts`,
    network.hosts + own + extraHostLines(parts.extraHosts, network.hostGateway),
  );
  const { home, ...user } = userOf(root, op.user);
  // Runtimes differ in what they set for a user without an account.
  const env = lastOfName([`HOME=${home || "/"}`, ...op.env, ...parts.proxyEnv, ...mounts.env]);
  const hostCA = parts.hostCA === undefined ? undefined : useHostCA(parts.hostCA, env);
  const { spec } = toRuntimeSpec(
    {
      id,
      args: op.args,
      env: [...env, ...(hostCA?.env ?? [])],
      cwd: op.cwd,
      user,
      rootfs: root,
      hostname: parts.hostname ?? "buildkitsandbox",
      network: network.namespace,
      shmSize: parts.shmSize,
      privileged: op.isPrivileged,
      resources: parts.resources,
      ulimits: parts.ulimits,
      mounts: [
        bindFile(`${bundle}/resolv.conf`, "/etc/resolv.conf"),
        bindFile(`${bundle}/hosts`, "/etc/hosts"),
        ...(hostCA === undefined ? [] : [hostCA.mount]),
        ...mounts.mounts,
      ],
    },
    parts.facts,
  );
  writeFileSync(`${bundle}/config.json`, serializeSpec(spec), { mode: 0o600 });
}

/** Of several lines for a name the last: many programs take the first they find. */
function lastOfName(env: readonly string[]): string[] {
  return [...new Map(env.map((line) => [line.slice(0, line.indexOf("=")), line])).values()];
}

function bindFile(source: string, destination: string): OciMount {
  return { destination, type: "bind", source, options: ["rbind", "ro"] };
}

/** `name:1.2.3.4` → a line of /etc/hosts. */
function extraHostLines(extraHosts: readonly string[], hostGateway: string): string {
  return extraHosts.map((extra) => `${hostsLine(extra, hostGateway)}\n`).join("");
}

/** Docker's wording, then the line and the last that was heard of the process. */
function failure(run: StepRun, exitCode: number, lastLines: readonly string[]): SlipwayError {
  const { vertex } = run.context;
  const command = JSON.stringify(run.op.args.join(" "));
  const what = `process ${command} did not complete successfully: exit code: ${exitCode}`;
  const at = placeInFile(vertex);
  const place = at === undefined ? "" : ` (${at})`;
  const said = lastLines.length === 0 ? "" : `\n${lastLines.map((line) => `  > ${line}`).join("\n")}`;
  return new SlipwayError("invalid_argument", `${vertex.name}${place}: ${what}${said}`);
}

function hostParts({ extraHosts, hostname }: ExecParts): KeyPart[] {
  const parts: KeyPart[] = [];
  if (extraHosts.length > 0) parts.push({ kind: "option", name: "--add-host", value: extraHosts.join(" ") });
  if (hostname !== undefined) parts.push({ kind: "option", name: "hostname", value: hostname });
  return parts;
}

function operationParts(op: ExecOp): KeyPart[] {
  const names = new Set(op.argNames);
  const parts: KeyPart[] = [
    { kind: "operation", name: "run", value: JSON.stringify(op.args) },
    { kind: "option", name: "working directory", value: op.cwd },
    { kind: "option", name: "user", value: op.user },
    { kind: "option", name: "network", value: op.network },
  ];
  if (op.isPrivileged === true) parts.push({ kind: "option", name: "security", value: "insecure" });
  for (const line of op.env) {
    const at = line.indexOf("=");
    const name = line.slice(0, at);
    parts.push({ kind: names.has(name) ? "argument" : "environment", name, value: line.slice(at + 1) });
  }
  return parts;
}

function userOf(root: string, spec: string): ReturnType<typeof resolveUser> {
  return resolveUser(spec, [], readAccountsToStart(root));
}
