import type { CallOptions } from "../../oci/call-options.ts";
import { upstreamEndpoint } from "./endpoint.ts";
import { HttpClient } from "./http-client.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { responseError } from "./response-error.ts";

/**
 * Returns when a registry answers `/v2/` at `domain`, also when it wants a login (distribution-spec, "Determining
 * Support"). Throws `unavailable` when the host cannot be reached, `not_found` when it is no registry.
 */
export async function pingRegistry(
  domain: string,
  config: RegistryConfig = {},
  options: CallOptions = {},
): Promise<void> {
  const client = new HttpClient(config);
  const endpoint = upstreamEndpoint(domain, config, client);
  const url = new URL("v2/", await endpoint.base(options.signal));
  using answer = await client.exchange(url, {
    method: "GET",
    insecure: endpoint.insecure,
    signal: options.signal,
  });
  const { status } = answer.response;
  if (status !== 200 && status !== 401 && status !== 403)
    throw await responseError(url.host, answer.response);
}
