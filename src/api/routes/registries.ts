import type { RegistryOptions, RegistryService } from "../../engine/registries.ts";
import { json } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { configHeader } from "../schemas/registry-auth.ts";

/** Registries, looked into; Docker has no word for it. `X-Registry-Config` has the logins, as for a build. */
export function registryRoutes(registries: RegistryService): Route[] {
  return [
    {
      method: "GET",
      pattern: "/slipway/v1/registry/repositories",
      handle: async (context) =>
        json(await registries.repositories(context.query.required("host"), options(context))),
    },
    {
      method: "GET",
      pattern: "/slipway/v1/registry/tags",
      handle: async (context) =>
        json(await registries.tags(context.query.required("name"), options(context))),
    },
    {
      method: "GET",
      pattern: "/slipway/v1/registry/referrers",
      handle: async (context) =>
        json(await registries.referrers(context.query.required("name"), options(context))),
    },
  ];
}

function options({ request, query, signal }: RouteContext): RegistryOptions {
  const auths = configHeader(request.headers.get("x-registry-config"));
  return { signal, insecure: query.flag("insecure"), ...(auths !== undefined && { auths }) };
}
