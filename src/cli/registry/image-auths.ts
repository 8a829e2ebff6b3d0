import { parseReference } from "../../oci/reference.ts";
import type { RegistryAuth } from "../../engine/types/image.ts";
import { isCode } from "../../errors.ts";
import type { CliContext } from "../command.ts";
import { registryAuth } from "./auth.ts";

/** The logins for the registries of the names, each a reference or `docker://` and one. What is an ID has none. */
export async function imageAuths(
  context: CliContext,
  names: readonly string[],
): Promise<Record<string, RegistryAuth>> {
  const found: Record<string, RegistryAuth> = {};
  for (const domain of new Set(names.map(domainOf))) {
    const auth = domain === undefined ? undefined : await registryAuth(context, domain);
    if (domain !== undefined && auth !== undefined) found[domain] = auth;
  }
  return found;
}

function domainOf(name: string): string | undefined {
  try {
    return parseReference(name.replace(/^docker:\/\//, "")).domain;
  } catch (error) {
    if (isCode(error, "invalid_argument")) return undefined;
    throw error;
  }
}
