import { CleanupStack } from "../internal/cleanup-stack.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { errorMessage, SlipwayError } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import type { OciMount } from "../runtime/spec/oci-spec.ts";
import type { BuildEvent } from "./builder.ts";
import type { LayerParts } from "./image-layers.ts";
import type { FailedStep } from "./ops/exec.ts";
import type { PreparedMounts } from "./ops/exec-mounts.ts";
import { fileMount } from "./ops/secret-mount.ts";
import { placeOf } from "./record/step-place.ts";
import type { Solved } from "./solving.ts";
import { stepImage } from "./step-image.ts";

/** A step to be looked at from within. */
export interface DebugStep {
  /** image ID of its filesystem as the step left it, with environment, directory and user */
  readonly image: Digest;
  /** Program and arguments. */
  readonly shell: readonly string[];
  readonly tty: boolean;
  readonly mounts: readonly OciMount[];
  readonly network: "default" | "none" | "host";
}

/** Lets somebody look; resolves when they are done. `onReady` is told the container to attach to and start. */
export type DebugShell = (
  step: DebugStep,
  options: CallOptions & { readonly onReady: (container: string) => void },
) => Promise<void>;

interface ShowParts extends LayerParts {
  readonly runDir: string;
  readonly debugShell: DebugShell;
}

/** The first step of a build whose process failed, kept as it was left when the build asks for a shell in it. */
export class FailedSteps {
  readonly #asked: { readonly tty: boolean } | undefined;
  #step: FailedStep | undefined;

  constructor(asked: { readonly tty: boolean } | undefined) {
    this.#asked = asked;
  }

  readonly keep = (step: FailedStep): boolean => {
    const isWanted =
      this.#asked !== undefined && this.#step === undefined && step.error instanceof SlipwayError;
    if (!isWanted || (step.error as SlipwayError).code === "cancelled") return false;
    this.#step = step;
    return true;
  };

  /** Opens the shell in the kept step, when there is one, and waits for its end. Nothing of it is left then. */
  async show(
    parts: ShowParts,
    results: ReadonlyMap<Digest, Solved>,
    { signal, onEvent }: { readonly signal: AbortSignal; readonly onEvent: (event: BuildEvent) => void },
  ): Promise<void> {
    const step = this.#step;
    this.#step = undefined;
    if (step === undefined) return;
    await using _held = step.held;
    await using secrets = new CleanupStack();
    const { vertex, op, root, mounts, error } = step;
    const before = placeOf(vertex, results);
    if (before === undefined || signal.aborted) return;
    const snapshots = [...before.snapshots, await root.commit()];
    const place = { ...before, snapshots, env: op.env, cwd: op.cwd, user: op.user };
    const { id } = await stepImage(parts, place, { signal });
    try {
      await parts.debugShell(
        {
          image: id,
          ...shellWith(parts.runDir, shellOf(op.args), mounts, secrets),
          tty: this.#asked?.tty === true,
          network: op.network,
        },
        {
          signal,
          onReady: (container) =>
            onEvent({ type: "debug", id: vertex.digest, container, error: errorMessage(error) }),
        },
      );
    } finally {
      parts.images.delete(id);
    }
  }
}

/** Variables with secrets in them are set by a file in memory: what is known of a container would show them. */
function shellWith(
  runDir: string,
  shell: readonly string[],
  { mounts, env }: PreparedMounts,
  undo: CleanupStack,
): Pick<DebugStep, "shell" | "mounts"> {
  if (env.length === 0) return { shell, mounts };
  const lines = env.map((line) => `export '${line.replaceAll("'", String.raw`'\''`)}'\n`);
  const file = { target: "/run/slipway-debug-env", uid: 0, gid: 0, mode: 0o444 };
  const mount = fileMount(runDir, file, Buffer.from(lines.join("")), undo);
  return {
    shell: ["/bin/sh", "-c", `. ${file.target}; exec "$@"`, "sh", ...shell],
    mounts: [...mounts, mount],
  };
}

/** The shell of `["/bin/bash", "-o", "pipefail", "-c", "make"]`. */
function shellOf(args: readonly string[]): readonly string[] {
  return args.length > 2 && args.at(-2) === "-c" ? [args[0] ?? "/bin/sh"] : ["/bin/sh"];
}
