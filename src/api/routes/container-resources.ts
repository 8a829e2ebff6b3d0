import type { ContainerResourceService } from "../../engine/container-resources.ts";
import { SlipwayError } from "../../errors.ts";
import { readJson } from "../json-body.ts";
import { json, jsonLines } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { hostConfig } from "../schemas/container-config.ts";
import { containerUpdateRequest } from "../versions/container-requests.ts";

/** Engine API, "Container": stats and update. */
export function containerResourceRoutes(resources: ContainerResourceService): Route[] {
  return [
    { method: "GET", pattern: "/containers/{name*}/stats", handle: (context) => stats(resources, context) },
    {
      method: "POST",
      pattern: "/containers/{name*}/update",
      handle: (context) => update(resources, context),
    },
  ];
}

async function stats(resources: ContainerResourceService, { params, query, signal }: RouteContext) {
  const stream = query.flag("stream", true);
  const oneShot = query.flag("one-shot");
  if (stream && oneShot)
    throw new SlipwayError("invalid_argument", "cannot have stream=true and one-shot=true");
  return await jsonLines(resources.stats(params["name"] ?? "", { stream, oneShot, signal }));
}

/** The body's limits are those of `HostConfig`, checked the same way; other fields of it are none of an update's. */
async function update(resources: ContainerResourceService, context: RouteContext) {
  const { request, params, apiVersion, signal } = context;
  const body = await readJson(request);
  if (body === undefined) throw new SlipwayError("invalid_argument", "config cannot be empty");
  const given = hostConfig(body, "");
  const limits = Object.fromEntries(Object.entries(given).filter(([field]) => updatable.has(field)));
  const asked = containerUpdateRequest(limits, apiVersion);
  return json(await resources.update(params["name"] ?? "", asked, { signal }));
}

const updatable: ReadonlySet<string> = new Set([
  "Memory",
  "MemorySwap",
  "MemoryReservation",
  "NanoCpus",
  "CpuShares",
  "CpuPeriod",
  "CpuQuota",
  "CpusetCpus",
  "CpusetMems",
  "PidsLimit",
  "BlkioWeight",
  "CpuRealtimePeriod",
  "CpuRealtimeRuntime",
  "RestartPolicy",
]);
