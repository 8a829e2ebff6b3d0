import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { errorMessage } from "../../errors.ts";
import type { ServerConfig, TlsFiles } from "../../registry/server/config/server-config.ts";
import { ExitError } from "../command.ts";
import { defaultRoot } from "../paths.ts";

export interface RegistryServerFlags {
  readonly config: string | undefined;
  readonly listen?: string | undefined;
  readonly root?: string | undefined;
  readonly htpasswd?: string | undefined;
  readonly "tls-cert"?: string | undefined;
  readonly "tls-key"?: string | undefined;
  readonly "tls-client-ca"?: string | undefined;
}

/** The registry's configuration out of its file, if there is one, and the flags, which win. */
export async function registryServerConfig(
  flags: RegistryServerFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ServerConfig> {
  const file = flags.config === undefined ? {} : await readConfig(resolve(flags.config));
  const root = flags.root === undefined ? undefined : resolve(flags.root);
  const fallback = { filesystem: { root: resolve(`${defaultRoot(env)}-registry`) } };
  const storage = root === undefined ? (file.storage ?? fallback) : { filesystem: { root } };
  const tls = tlsFlags(flags) ?? file.tls;
  return {
    ...file,
    storage,
    ...(flags.listen !== undefined && { listen: flags.listen }),
    ...(tls !== undefined && { tls }),
    ...(flags.htpasswd !== undefined && { auth: { ...file.auth, htpasswd: resolve(flags.htpasswd) } }),
  };
}

async function readConfig(path: string): Promise<ServerConfig> {
  const { parseServerConfig } = await import("../../registry/server/config/parse-server-config.ts");
  try {
    return parseServerConfig(await readFile(path, "utf8"), dirname(path));
  } catch (error) {
    throw new ExitError(1, `${path}: ${errorMessage(error)}`, { cause: error });
  }
}

function tlsFlags(flags: RegistryServerFlags): TlsFiles | undefined {
  const { "tls-cert": cert, "tls-key": key, "tls-client-ca": clientCa } = flags;
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new ExitError(125, "--tls-cert and --tls-key go together, and --tls-client-ca needs both");
  return { cert: resolve(cert), key: resolve(key), ...(clientCa && { clientCa: resolve(clientCa) }) };
}
