import type { RegistryOptions, RegistryService } from "../engine/registries.ts";
import type { Wire } from "./wire.ts";

/** Registries as an engine behind a socket reaches them. */
export function remoteRegistries(wire: Wire): RegistryService {
  return {
    repositories: (host, o) => wire.json("GET", "/slipway/v1/registry/repositories", details({ host }, o)),
    tags: (name, o) => wire.json("GET", "/slipway/v1/registry/tags", details({ name }, o)),
    referrers: (name, o) => wire.json("GET", "/slipway/v1/registry/referrers", details({ name }, o)),
  };
}

function details(what: Record<string, string>, { auths = {}, insecure, signal }: RegistryOptions = {}) {
  const encoded = Buffer.from(JSON.stringify(auths)).toString("base64url");
  return { query: { ...what, insecure }, headers: { "X-Registry-Config": encoded }, signal };
}
