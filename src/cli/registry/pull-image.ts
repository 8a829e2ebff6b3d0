import type { Engine } from "../../engine/engine.ts";
import { parseReference } from "../../oci/reference.ts";
import type { CliContext } from "../command.ts";
import { showTransfer } from "../progress/transfer.ts";
import { registryAuth } from "./auth.ts";

export interface PullImageOptions {
  readonly quiet: boolean;
  readonly platform?: string | undefined;
  readonly allTags?: boolean;
  /** Where progress goes. Default: stderr, since stdout is the container's. */
  readonly stream?: NodeJS.WriteStream;
}

/** Pulls with the credentials of Docker's config, showing progress on stderr unless quiet. */
export async function pullImage(
  engine: Engine,
  image: string,
  context: CliContext,
  options: PullImageOptions,
): Promise<void> {
  const auth = await registryAuth(context, parseReference(image).domain);
  const progress = engine.images.pull(image, {
    signal: context.signal,
    ...(auth === undefined ? {} : { auth }),
    ...(options.platform ? { platform: options.platform } : {}),
    ...(options.allTags ? { allTags: true } : {}),
  });
  await showTransfer(progress, options.quiet ? undefined : (options.stream ?? context.stderr));
}
