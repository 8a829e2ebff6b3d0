import type { BuildService } from "../../engine/engine.ts";
import { buildLines } from "../build-lines.ts";
import { buildParameters } from "../build-parameters.ts";
import { json, jsonLines } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { configHeader } from "../schemas/registry-auth.ts";

/** Engine API, "Build an image" (the classic builder) and "Delete builder cache". */
export function buildRoutes(builds: BuildService): Route[] {
  return [
    { method: "POST", pattern: "/build", handle: (context) => build(builds, context) },
    {
      method: "POST",
      pattern: "/build/prune",
      handle: async ({ query, signal }) => {
        const keepStorage = query.integer("keep-storage");
        const limits = { all: query.flag("all"), filters: query.filters() };
        return json(
          await builds.prune({ ...limits, ...(keepStorage !== undefined && { keepStorage }), signal }),
        );
      },
    },
  ];
}

async function build(builds: BuildService, { request, query, signal }: RouteContext) {
  const parameters = buildParameters(query, request.body);
  const auths = configHeader(request.headers.get("x-registry-config"));
  const events = builds.build(parameters, { ...(auths !== undefined && { auths }), signal });
  return await jsonLines(buildLines(events, { tags: parameters.tags ?? [], quiet: query.flag("q") }));
}
