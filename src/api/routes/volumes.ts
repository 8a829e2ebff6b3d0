import type { VolumeService } from "../../engine/engine.ts";
import { readJson } from "../json-body.ts";
import { bytes, empty, json } from "../reply.ts";
import type { Route } from "../route.ts";
import { volumeCreate } from "../schemas/volume.ts";

/**
 * Engine API, "Volume", and below `/slipway/v1/volumes/{name}` what Docker has no word for: `export` (a tar), `import` (one
 * as the body), `clone?name=`.
 */
export function volumeRoutes(volumes: VolumeService): Route[] {
  return [
    ...dataRoutes(volumes),
    {
      method: "GET",
      pattern: "/volumes",
      handle: async ({ query, signal }) => json(await volumes.list({ filters: query.filters(), signal })),
    },
    {
      method: "POST",
      pattern: "/volumes/create",
      handle: async ({ request, signal }) =>
        json(await volumes.create(volumeCreate((await readJson(request)) ?? {}, ""), { signal }), 201),
    },
    {
      method: "POST",
      pattern: "/volumes/prune",
      handle: async ({ query, apiVersion, signal }) => {
        // Before 1.42 named volumes went as well.
        const filters = { ...(apiVersion < 42 && { all: ["true"] }), ...query.filters() };
        return json(await volumes.prune({ filters, signal }));
      },
    },
    {
      method: "GET",
      pattern: "/volumes/{name}",
      handle: async ({ params, signal }) => json(await volumes.inspect(params["name"] ?? "", { signal })),
    },
    {
      method: "DELETE",
      pattern: "/volumes/{name}",
      handle: async ({ params, query, signal }) => {
        await volumes.remove(params["name"] ?? "", { force: query.flag("force"), signal });
        return empty();
      },
    },
  ];
}

function dataRoutes(volumes: VolumeService): Route[] {
  const at = "/slipway/v1/volumes/{name}";
  return [
    {
      method: "GET",
      pattern: `${at}/export`,
      handle: async ({ params, signal }) =>
        bytes(await volumes.export(params["name"] ?? "", { signal }), "application/x-tar"),
    },
    {
      method: "POST",
      pattern: `${at}/import`,
      handle: async ({ request, params, signal }) =>
        json(await volumes.import(params["name"] ?? "", request.body, { signal }), 201),
    },
    {
      method: "POST",
      pattern: `${at}/clone`,
      handle: async ({ params, query, signal }) =>
        json(await volumes.clone(params["name"] ?? "", query.text("name") ?? "", { signal }), 201),
    },
  ];
}
