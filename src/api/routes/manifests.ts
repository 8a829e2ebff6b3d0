import type { Engine } from "../../engine/engine.ts";
import type { ManifestListOptions } from "../../engine/manifests.ts";
import { readJson } from "../json-body.ts";
import { empty, json } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { listOf, object, text } from "../schema.ts";
import { configHeader } from "../schemas/registry-auth.ts";

const lists = "/slipway/v1/manifests";

const platform = object({
  architecture: text,
  os: text,
  "os.version": text,
  "os.features": listOf(text),
  variant: text,
});

/**
 * Manifest lists, named by the query's `list`; Docker's client keeps such lists itself. `X-Registry-Config` has the logins,
 * as for a build.
 */
export function manifestRoutes({ manifests }: Pick<Engine, "manifests">): Route[] {
  return [
    {
      method: "GET",
      pattern: lists,
      handle: async (context) => json(await manifests.get(context.query.required("list"))),
    },
    {
      method: "POST",
      pattern: lists,
      handle: async (context) => {
        const { query } = context;
        const how = { amend: query.flag("amend"), local: query.flag("local") };
        const images = query.all("image");
        return json(
          await manifests.create(context.query.required("list"), images, { ...access(context), ...how }),
        );
      },
    },
    {
      method: "POST",
      pattern: `${lists}/annotate`,
      handle: async (context) => {
        const said = platform(await readJson(context.request), "");
        return json(
          await manifests.annotate(context.query.required("list"), context.query.required("image"), said),
        );
      },
    },
    {
      method: "POST",
      pattern: `${lists}/push`,
      handle: async (context) => {
        const purge = context.query.flag("purge");
        return json(await manifests.push(context.query.required("list"), { ...access(context), purge }));
      },
    },
    {
      method: "DELETE",
      pattern: lists,
      handle: async (context) => {
        await manifests.remove(context.query.required("list"));
        return empty();
      },
    },
  ];
}

function access({ request, query, signal }: RouteContext): ManifestListOptions {
  const auths = configHeader(request.headers.get("x-registry-config"));
  return { signal, insecure: query.flag("insecure"), ...(auths !== undefined && { auths }) };
}
