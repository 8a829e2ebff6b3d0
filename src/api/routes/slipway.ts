import type { BuildService, SystemService } from "../../engine/engine.ts";
import { errorCode, errorMessage } from "../../errors.ts";
import { splitFrontLine } from "../front-line.ts";
import { parseJson } from "../json-body.ts";
import { json, jsonLines } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { buildRequestLine } from "../schemas/build-request.ts";

type Services = {
  readonly builds: Pick<BuildService, "build" | "list" | "inspect" | "stepImage">;
  readonly system: Pick<SystemService, "check">;
};

/**
 * What Docker has no word for. `POST /slipway/v1/build`: the first line of the body is the request as JSON, a tar
 * context follows it; the answer is every build event as a JSON line, a failure as `{"type":"error",…}`.
 * `GET /slipway/v1/builds` and `…/builds/inspect?id=`: the builds that have ended. `GET /slipway/v1/system/check`: the
 * report.
 */
export function slipwayRoutes(engine: Services): Route[] {
  return [
    { method: "POST", pattern: "/slipway/v1/build", handle: (context) => build(engine.builds, context) },
    {
      method: "GET",
      pattern: "/slipway/v1/builds",
      handle: async ({ signal }) => json(await engine.builds.list({ signal })),
    },
    {
      method: "GET",
      pattern: "/slipway/v1/builds/inspect",
      handle: async ({ query, signal }) =>
        json(await engine.builds.inspect(query.text("id") ?? "", { signal })),
    },
    {
      method: "POST",
      pattern: "/slipway/v1/builds/step",
      handle: async ({ query, signal }) => {
        const [id, step] = [query.text("id") ?? "", query.text("step") ?? ""];
        return json(await engine.builds.stepImage(id, step, { signal }));
      },
    },
    {
      method: "GET",
      pattern: "/slipway/v1/system/check",
      handle: async ({ signal }) => json(await engine.system.check({ signal })),
    },
  ];
}

async function build(builds: Services["builds"], { request: { body }, signal }: RouteContext) {
  const { line, rest } = await splitFrontLine(body);
  const { request, auths } = buildRequestLine(parseJson(line), rest);
  const events = builds.build(request, { ...(auths !== undefined && { auths }), signal });
  return await jsonLines(events, { failure });
}

function failure(error: unknown): object {
  return { type: "error", code: errorCode(error), message: errorMessage(error) };
}
