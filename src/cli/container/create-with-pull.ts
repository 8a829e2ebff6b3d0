import type { Engine } from "../../engine/engine.ts";
import type { ContainerCreate } from "../../engine/types/container.ts";
import { isCode } from "../../errors.ts";
import { familiarString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import { ExitError, type CliContext } from "../command.ts";

export interface PullPolicy {
  /** `always`, `missing` or `never` */
  readonly pull: string;
  readonly quiet: boolean;
}

/** Creates the container, pulling its image when the policy says so. Warnings go to stderr. Returns the ID. */
export async function createWithPull(
  engine: Engine,
  spec: ContainerCreate,
  context: CliContext,
  policy: PullPolicy,
): Promise<string> {
  if (!["always", "missing", "never"].includes(policy.pull)) {
    throw new ExitError(
      125,
      `slipway: invalid pull option: '${policy.pull}': must be one of "always", "missing" or "never"`,
    );
  }
  const pull = async () => {
    // Rare: who has the image need not load how it comes.
    const { pullImage } = await import("../registry/pull-image.ts");
    await pullImage(engine, spec.Image ?? "", context, { quiet: policy.quiet, platform: spec.platform });
  };
  if (policy.pull === "always") await pull();
  const create = () => engine.containers.create(spec, { signal: context.signal });
  const created = await create().catch(async (error: unknown) => {
    if (policy.pull !== "missing" || !isCode(error, "not_found") || !isMissingImage(error)) throw error;
    if (!policy.quiet) context.stderr.write(`Unable to find image '${shown(spec.Image ?? "")}' locally\n`);
    await pull();
    return await create();
  });
  for (const warning of created.Warnings) context.stderr.write(`WARNING: ${warning}\n`);
  return created.Id;
}

function isMissingImage(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(No such image|image with reference .* was found but its platform)/.test(error.message)
  );
}

function shown(image: string): string {
  return familiarString(withDefaultTag(parseReference(image)));
}
