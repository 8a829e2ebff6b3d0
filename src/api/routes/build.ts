import type { BuildService } from "../../engine/engine.ts";
import { buildFailureLine, buildLines } from "../build-lines.ts";
import { buildParameters } from "../build-parameters.ts";
import { classicError } from "../classic-error.ts";
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
        // "keep-storage" is what the reserve was called before API 1.48.
        const reservedSpace = query.integer("reserved-space") ?? query.integer("keep-storage");
        const maxUsedSpace = query.integer("max-used-space");
        const minFreeSpace = query.integer("min-free-space");
        const space = {
          ...(reservedSpace !== undefined && { reservedSpace }),
          ...(maxUsedSpace !== undefined && { maxUsedSpace }),
          ...(minFreeSpace !== undefined && { minFreeSpace }),
        };
        return json(
          await builds.prune({ all: query.flag("all"), filters: query.filters(), ...space, signal }),
        );
      },
    },
  ];
}

async function build(builds: BuildService, { request, query, signal }: RouteContext) {
  const parameters = buildParameters(query, request.body);
  const auths = configHeader(request.headers.get("x-registry-config"));
  const events = builds.build(parameters, { ...(auths !== undefined && { auths }), signal });
  const lines = buildLines(events, { tags: parameters.tags ?? [], quiet: query.flag("q") });
  try {
    return await jsonLines(lines, { failure: buildFailureLine });
  } catch (error) {
    throw classicError(error);
  }
}
