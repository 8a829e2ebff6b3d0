import { parseReference, type Reference } from "../../oci/reference.ts";
import type { RegistryConfig } from "../../registry/client/registry-config.ts";
import type { Repository } from "../../registry/client/repository.ts";
import type { CliContext } from "../command.ts";
import { list } from "../flags/flag.ts";
import { programVersion } from "../version.ts";
import { registryAuth } from "./auth.ts";

/** Options of the verbs that talk to registries without the engine. */
export const remoteFlags = {
  "insecure-registry": list("Registry that may speak plain HTTP or have an unknown certificate"),
};

export interface RemoteFlags {
  readonly "insecure-registry": readonly string[];
}

/** How registries are reached: with the logins of Docker's config and the proxies of the environment. */
export async function remoteConfig(context: CliContext, flags: RemoteFlags): Promise<RegistryConfig> {
  const { takeProxyEnvironment } = await import("../../registry/client/proxy-environment.ts");
  const { onceEach } = await import("../../registry/client/warnings.ts");
  const caFile = context.env["SSL_CERT_FILE"] ?? context.env["NODE_EXTRA_CA_CERTS"];
  return {
    credentials: async (domain) => await registryAuth(context, domain),
    proxy: takeProxyEnvironment(process.env),
    insecureRegistries: flags["insecure-registry"],
    userAgent: `slipway/${programVersion}`,
    onWarning: onceEach((line) => context.stderr.write(`WARNING: ${line}\n`)),
    ...(caFile !== undefined && caFile !== "" && { caFile }),
  };
}

/** The repository a user names, and what of it. */
export async function openRemote(
  name: string,
  context: CliContext,
  flags: RemoteFlags,
): Promise<{ repository: Repository; reference: Reference }> {
  const { openRepository } = await import("../../registry/client/repository.ts");
  const reference = parseReference(name);
  return { repository: openRepository(reference, await remoteConfig(context, flags)), reference };
}
