import type { EventFilter, SystemService } from "../../engine/engine.ts";
import { SlipwayError } from "../../errors.ts";
import { readJson } from "../json-body.ts";
import { dataUsage } from "../data-usage.ts";
import { json, jsonLines, plain } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { registryAuth } from "../schemas/registry-auth.ts";
import { wholeSystemInfo } from "../system-info.ts";
import { dataUsageAnswer, infoAnswer } from "../versions/system-answers.ts";

const pingHeaders = {
  "Builder-Version": "1",
  Swarm: "inactive",
  "Cache-Control": "no-cache, no-store, must-revalidate",
  Pragma: "no-cache",
};

type Services = {
  readonly system: Pick<SystemService, "version" | "info" | "auth" | "events" | "dataUsage">;
};

/** Engine API, "System". */
export function systemRoutes(engine: Services): Route[] {
  const { system } = engine;
  return [
    { method: "GET", pattern: "/_ping", handle: () => plain("OK", pingHeaders) },
    { method: "HEAD", pattern: "/_ping", handle: () => plain("", pingHeaders) },
    {
      method: "GET",
      pattern: "/version",
      handle: async ({ signal }) => json(await system.version({ signal })),
    },
    {
      method: "GET",
      pattern: "/info",
      handle: async ({ apiVersion, signal }) =>
        json(infoAnswer(wholeSystemInfo(await system.info({ signal })), apiVersion)),
    },
    {
      method: "POST",
      pattern: "/auth",
      handle: async ({ request, signal }) =>
        json(await system.auth(registryAuth(await readJson(request), ""), { signal })),
    },
    {
      method: "GET",
      pattern: "/events",
      handle: (context) =>
        jsonLines(system.events(eventFilter(context), { signal: context.signal }), { headAtOnce: true }),
    },
    {
      method: "GET",
      pattern: "/system/df",
      handle: async ({ query, apiVersion, signal }) => {
        const usage = await dataUsage(system, query.all("type"), { signal });
        return json(dataUsageAnswer(usage, apiVersion));
      },
    },
  ];
}

function eventFilter({ query }: RouteContext): EventFilter {
  const since = query.time("since");
  const until = query.time("until");
  if (since !== undefined && until !== undefined && until < since) {
    const [from, to] = [query.text("since"), query.text("until")];
    const what = `\`since\` time (${from}) cannot be after \`until\` time (${to})`;
    throw new SlipwayError("invalid_argument", what);
  }
  return {
    filters: query.filters(),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}
