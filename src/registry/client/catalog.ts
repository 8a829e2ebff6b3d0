import type { CallOptions } from "../../oci/call-options.ts";
import { upstreamEndpoint } from "./endpoint.ts";
import { HttpClient } from "./http-client.ts";
import { listAll } from "./listing.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { Transport } from "./transport.ts";

/** The repositories of the registry at `domain`, where it lists them. Throws `unauthorized`, `not_found`. */
export async function listCatalog(
  domain: string,
  config: RegistryConfig = {},
  options: CallOptions = {},
): Promise<string[]> {
  const client = new HttpClient(config);
  const endpoint = upstreamEndpoint(domain, config, client);
  const transport = new Transport(client, config.retry);
  const scopes = ["registry:catalog:*"];
  return await listAll(
    (request) => transport.send(endpoint, { scopes, signal: options.signal, ...request }),
    "v2/_catalog",
    "repositories",
  );
}
