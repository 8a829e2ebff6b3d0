import type { Reference } from "../../oci/reference.ts";
import type { ImageHost } from "../images/image-host.ts";
import { registryConfig } from "../images/pull.ts";
import type { ManifestListOptions } from "../manifests.ts";

/** How the registries of one call are reached. */
export type ListAccess = Pick<ManifestListOptions, "auths" | "insecure" | "signal">;

/** The engine's settings for the reference's registry, with the credentials and permissions of one call. */
export function listRegistry(host: ImageHost, { domain }: Reference, { auths, insecure }: ListAccess) {
  const config = registryConfig(host, auths?.[domain]);
  if (insecure !== true) return config;
  return { ...config, insecureRegistries: [...(config.insecureRegistries ?? []), domain] };
}
