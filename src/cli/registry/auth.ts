import { join } from "node:path";
import type { RegistryAuth } from "../../engine/types/image.ts";
import type { CliContext } from "../command.ts";

/** The login Docker's config, or its credential helper, has for a registry; undefined when there is none. */
export async function registryAuth(context: CliContext, domain: string): Promise<RegistryAuth | undefined> {
  const { resolveCredentials } = await import("../../registry/client/docker-config.ts");
  return await resolveCredentials(configFile(context), domain);
}

export function configFile(context: CliContext): string {
  return join(context.configDirectory, "config.json");
}
