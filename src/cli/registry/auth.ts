import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RegistryAuth } from "../../engine/types/image.ts";
import type { CliContext } from "../command.ts";

/** The login Docker's config, or its credential helper, has for a registry; undefined when there is none. */
export async function registryAuth(context: CliContext, domain: string): Promise<RegistryAuth | undefined> {
  const { resolveCredentials } = await import("../../registry/client/docker-config.ts");
  return await resolveCredentials(configFile(context), domain);
}

/** Every login of Docker's config, by the registry's host: what a build may need for its bases. */
export async function registryAuths(context: CliContext): Promise<Record<string, RegistryAuth>> {
  if (!existsSync(configFile(context))) return {};
  const { listCredentials, serverKey } = await import("../../registry/client/docker-config.ts");
  const found = await listCredentials(configFile(context), { signal: context.signal });
  const hub = serverKey("docker.io");
  const host = (key: string) =>
    key === hub ? "docker.io" : key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return Object.fromEntries(Object.entries(found).map(([key, auth]) => [host(key), auth]));
}

export function configFile(context: CliContext): string {
  return join(context.configDirectory, "config.json");
}
