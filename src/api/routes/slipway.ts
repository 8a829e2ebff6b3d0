import type { BuildService, ContainerService, SystemService } from "../../engine/engine.ts";
import { errorCode, errorMessage, SlipwayError } from "../../errors.ts";
import { splitFrontLine } from "../front-line.ts";
import { parseJson } from "../json-body.ts";
import { json, jsonLines } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { buildRequestLine } from "../schemas/build-request.ts";

type Services = {
  readonly builds: Pick<BuildService, "build" | "list" | "inspect" | "running" | "events" | "stepImage">;
  readonly system: Pick<SystemService, "check">;
  readonly containers: Pick<ContainerService, "fork">;
};

/**
 * What Docker has no word for. `POST /slipway/v1/build`: the first line of the body is the request as JSON, a tar
 * context follows it; the answer is every build event as a JSON line, a failure as `{"type":"error",…}`.
 * `GET /slipway/v1/builds` and `…/builds/inspect?id=`: the builds that have ended; `…/builds/running` those that
 * run, a line after each change, `…/builds/events?id=` what one tells. `GET /slipway/v1/system/check`: the
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
      method: "GET",
      pattern: "/slipway/v1/builds/running",
      handle: ({ signal }) => jsonLines(engine.builds.running({ signal })),
    },
    {
      method: "GET",
      pattern: "/slipway/v1/builds/events",
      handle: ({ query, signal }) => jsonLines(engine.builds.events(query.required("id"), { signal })),
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
    {
      method: "POST",
      pattern: "/slipway/v1/containers/{name*}/fork",
      handle: (context) => fork(engine.containers, context),
    },
  ];
}

/** `POST /slipway/v1/containers/{name*}/fork?name=&volumes=clone|share&rm=`: a copy of a container, started. */
async function fork(containers: Services["containers"], { params, query, signal }: RouteContext) {
  const volumes = query.text("volumes") ?? "clone";
  if (volumes !== "clone" && volumes !== "share")
    throw new SlipwayError("invalid_argument", `invalid volumes "${volumes}": use clone or share`);
  const name = params["name"] ?? "";
  const autoRemove = query.has("rm") ? { autoRemove: query.flag("rm") } : {};
  return json(await containers.fork(name, query.text("name") ?? "", { volumes, ...autoRemove, signal }), 201);
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
