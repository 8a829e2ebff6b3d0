import type { Engine } from "../../engine/engine.ts";
import type { StoreOptions } from "../../engine/store.ts";
import { empty, json } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { configHeader } from "../schemas/registry-auth.ts";

/**
 * Images and the disk, looked into; Docker has no word for it. Images are named by the query, for they may be
 * `docker://…`; `X-Registry-Config` has the logins for those, as for a build.
 */
export function storeRoutes({ store }: Pick<Engine, "store">): Route[] {
  return [
    {
      method: "GET",
      pattern: "/slipway/v1/images/layers",
      handle: async (context) => json(await store.layers(context.query.required("name"), options(context))),
    },
    {
      method: "GET",
      pattern: "/slipway/v1/images/files",
      handle: async (context) => json(await store.files(context.query.required("name"), options(context))),
    },
    {
      method: "GET",
      pattern: "/slipway/v1/images/diff",
      handle: async (context) =>
        json(await store.diff(context.query.required("a"), context.query.required("b"), options(context))),
    },
    {
      method: "GET",
      pattern: "/slipway/v1/images/trees",
      handle: async ({ signal }) => json(await store.trees({ signal })),
    },
    {
      method: "GET",
      pattern: "/slipway/v1/images/manifest",
      handle: async (context) => {
        const { query } = context;
        const which = {
          local: query.flag("local"),
          children: query.flag("children"),
          insecure: query.flag("insecure"),
        };
        return json(await store.manifest(context.query.required("name"), { ...options(context), ...which }));
      },
    },
    {
      method: "GET",
      pattern: "/slipway/v1/images/mounts",
      handle: async ({ signal }) => json(await store.mounted({ signal })),
    },
    {
      method: "POST",
      pattern: "/slipway/v1/images/mounts",
      handle: async (context) =>
        json(await store.mount(context.query.required("name"), { signal: context.signal })),
    },
    {
      method: "DELETE",
      pattern: "/slipway/v1/images/mounts",
      handle: async (context) => {
        await store.unmount(context.query.required("name"), { signal: context.signal });
        return empty();
      },
    },
    {
      method: "GET",
      pattern: "/slipway/v1/system/explain",
      handle: async ({ signal }) => json(await store.explain({ signal })),
    },
    {
      method: "POST",
      pattern: "/slipway/v1/system/check",
      handle: async ({ query, signal }) => json(await store.check({ repair: query.flag("repair"), signal })),
    },
  ];
}

function options({ request, signal }: RouteContext): StoreOptions {
  const auths = configHeader(request.headers.get("x-registry-config"));
  return { signal, ...(auths !== undefined && { auths }) };
}
