import type { NetworkService } from "../../engine/engine.ts";
import { readJson } from "../json-body.ts";
import { empty, json } from "../reply.ts";
import type { Route } from "../route.ts";
import { networkConnect, networkCreate, networkDisconnect } from "../schemas/network.ts";

/** Engine API, "Network". */
export function networkRoutes(networks: NetworkService): Route[] {
  return [
    {
      method: "GET",
      pattern: "/networks",
      handle: async ({ query, signal }) => json(await networks.list({ filters: query.filters(), signal })),
    },
    {
      method: "POST",
      pattern: "/networks/create",
      handle: async ({ request, signal }) =>
        json(await networks.create(networkCreate(await readJson(request), ""), { signal }), 201),
    },
    {
      method: "POST",
      pattern: "/networks/prune",
      handle: async ({ query, signal }) => json(await networks.prune({ filters: query.filters(), signal })),
    },
    {
      method: "GET",
      pattern: "/networks/{name}",
      handle: async ({ params, query, signal }) => {
        const scope = query.text("scope");
        const options = { verbose: query.flag("verbose"), ...(scope !== undefined && { scope }), signal };
        return json(await networks.inspect(params["name"] ?? "", options));
      },
    },
    {
      method: "DELETE",
      pattern: "/networks/{name}",
      handle: async ({ params, signal }) => {
        await networks.remove(params["name"] ?? "", { signal });
        return empty();
      },
    },
    ...endpointRoutes(networks),
  ];
}

function endpointRoutes(networks: NetworkService): Route[] {
  return [
    {
      method: "POST",
      pattern: "/networks/{name}/connect",
      handle: async ({ request, params, signal }) => {
        const body = networkConnect(await readJson(request), "");
        await networks.connect(params["name"] ?? "", body.Container, body.EndpointConfig, { signal });
        return empty(200);
      },
    },
    {
      method: "POST",
      pattern: "/networks/{name}/disconnect",
      handle: async ({ request, params, signal }) => {
        const { Container: container, Force: force = false } = networkDisconnect(await readJson(request), "");
        await networks.disconnect(params["name"] ?? "", container, { force, signal });
        return empty(200);
      },
    },
  ];
}
