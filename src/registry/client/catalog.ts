import { SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { registryEndpoints } from "./endpoint.ts";
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
  const endpoint = registryEndpoints(domain, { ...config, mirrors: {} }, client)[0];
  if (endpoint === undefined) throw new SlipwayError("internal", "A registry without an endpoint");
  const transport = new Transport(client, config.retry);
  const scopes = ["registry:catalog:*"];
  return await listAll(
    (request) => transport.send(endpoint, { scopes, signal: options.signal, ...request }),
    "v2/_catalog",
    "repositories",
  );
}

/** Whether a registry that speaks `/v2/` answers at `domain`, logged in or not. Throws `unavailable` when none does. */
export async function pingRegistry(
  domain: string,
  config: RegistryConfig = {},
  options: CallOptions = {},
): Promise<void> {
  const client = new HttpClient(config);
  const endpoint = registryEndpoints(domain, { ...config, mirrors: {} }, client)[0];
  if (endpoint === undefined) throw new SlipwayError("internal", "A registry without an endpoint");
  const transport = new Transport(client, config.retry);
  const request = { method: "GET", path: "v2/", scopes: [], accept: [200, 403], ...options } as const;
  using _answer = await transport.send(endpoint, request);
}
