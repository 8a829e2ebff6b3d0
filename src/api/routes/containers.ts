import { waitConditions, type ContainerService } from "../../engine/engine.ts";
import { SlipwayError } from "../../errors.ts";
import { bodyWithin } from "../body-within.ts";
import { readJson } from "../json-body.ts";
import type { Query } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { checkCreate } from "../schemas/check-create.ts";
import { containerCreate } from "../schemas/container.ts";
import { containerInspectAnswer, containerListAnswer } from "../versions/container-answers.ts";
import { containerCreateRequest } from "../versions/container-requests.ts";
import { withMacAddress } from "../versions/mac-address.ts";
import { waitReply } from "../wait-reply.ts";

type Containers = Pick<
  ContainerService,
  | "list"
  | "create"
  | "inspect"
  | "start"
  | "stop"
  | "restart"
  | "kill"
  | "pause"
  | "unpause"
  | "rename"
  | "remove"
  | "wait"
  | "resize"
  | "top"
  | "prune"
>;

/** Engine API, "Container", without the streams. */
export function containerRoutes(containers: Containers): Route[] {
  return [
    { method: "GET", pattern: "/containers/json", handle: (context) => list(containers, context) },
    { method: "POST", pattern: "/containers/create", handle: (context) => create(containers, context) },
    {
      method: "POST",
      pattern: "/containers/prune",
      handle: async ({ query, signal }) => json(await containers.prune({ filters: query.filters(), signal })),
    },
    {
      method: "GET",
      pattern: "/containers/{name*}/json",
      handle: async ({ params, query, apiVersion, signal }) => {
        const container = await containers.inspect(name(params), { size: query.flag("size"), signal });
        return json(containerInspectAnswer(container, apiVersion));
      },
    },
    {
      method: "GET",
      pattern: "/containers/{name*}/top",
      handle: async ({ params, query, signal }) => {
        const psArgs = query.text("ps_args");
        return json(await containers.top(name(params), { ...(psArgs !== undefined && { psArgs }), signal }));
      },
    },
    { method: "POST", pattern: "/containers/{name*}/wait", handle: (context) => wait(containers, context) },
    { method: "DELETE", pattern: "/containers/{name*}", handle: (context) => remove(containers, context) },
    ...lifecycleRoutes(containers),
  ];
}

/** `POST /containers/{name*}/<verb>` without an answer. */
function lifecycleRoutes(containers: Containers): Route[] {
  return [
    verb("start", async ({ request, params, query, signal }) => {
      await refuseBody(request);
      const detachKeys = query.text("detachKeys");
      await containers.start(name(params), { ...(detachKeys !== undefined && { detachKeys }), signal });
    }),
    verb("stop", ({ params, query, signal }) =>
      containers.stop(name(params), { ...stopOptions(query), signal }),
    ),
    verb("restart", ({ params, query, signal }) =>
      containers.restart(name(params), { ...stopOptions(query), signal }),
    ),
    verb("kill", ({ params, query, signal }) =>
      containers.kill(name(params), { ...killSignal(query), signal }),
    ),
    verb("pause", ({ params, signal }) => containers.pause(name(params), { signal })),
    verb("unpause", ({ params, signal }) => containers.unpause(name(params), { signal })),
    verb("rename", ({ params, query, signal }) =>
      containers.rename(name(params), required(query.text("name"), "name"), { signal }),
    ),
    verb(
      "resize",
      ({ params, query, signal }) => containers.resize(name(params), size(query), { signal }),
      200,
    ),
  ];
}

function verb(word: string, work: (context: RouteContext) => Promise<void>, status: 200 | 204 = 204): Route {
  return {
    method: "POST",
    pattern: `/containers/{name*}/${word}`,
    handle: async (context) => {
      await work(context);
      return empty(status);
    },
  };
}

async function list(containers: Containers, { query, apiVersion, signal }: RouteContext) {
  const limit = query.integer("limit");
  const options = { all: query.flag("all"), size: query.flag("size"), filters: query.filters(), signal };
  const most = limit !== undefined && limit > 0 ? { limit } : {};
  return json(containerListAnswer(await containers.list({ ...options, ...most }), apiVersion));
}

async function create(containers: Containers, { request, query, apiVersion, signal }: RouteContext) {
  const body = containerCreateRequest(containerCreate(await readJson(request), ""), apiVersion);
  const { spec, warnings } = withMacAddress(body, apiVersion);
  checkCreate(spec, apiVersion);
  const [wanted, platform] = [query.text("name"), query.text("platform")];
  const named = {
    ...(wanted !== undefined && { name: wanted }),
    ...(platform !== undefined && { platform }),
  };
  const { Id, Warnings } = await containers.create({ ...spec, ...named }, { signal });
  return json({ Id, Warnings: [...warnings, ...Warnings] }, 201);
}

async function wait(containers: Containers, { params, query, apiVersion, signal }: RouteContext) {
  if (apiVersion < 30) return json(await containers.wait(name(params), { signal }));
  const asked = query.text("condition") ?? "not-running";
  const condition = waitConditions.find((known) => known === asked);
  if (condition === undefined) {
    throw new SlipwayError("invalid_argument", `invalid condition: "${asked}"`);
  }
  return await waitReply(containers, name(params), condition, signal);
}

async function remove(containers: Containers, { params, query, signal }: RouteContext) {
  const options = { force: query.flag("force"), volumes: query.flag("v"), link: query.flag("link"), signal };
  await containers.remove(name(params), options);
  return empty();
}

function stopOptions(query: Query): { timeout?: number; killSignal?: string } {
  const timeout = query.integer("t");
  return { ...(timeout !== undefined && { timeout }), ...killSignal(query) };
}

function killSignal(query: Query): { killSignal?: string } {
  const signal = query.text("signal");
  return signal === undefined ? {} : { killSignal: signal };
}

/** An empty document passes: old clients send one. */
async function refuseBody({ body }: RouteContext["request"]): Promise<void> {
  let size = 0;
  for await (const part of bodyWithin(body)) {
    size += part.length;
    if (size > 7) {
      const what =
        "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24";
      throw new SlipwayError("invalid_argument", what);
    }
  }
}

/** Rows and columns of a terminal, both required. */
export function size(query: Query): { h: number; w: number } {
  return { h: cells(query, "h", "height"), w: cells(query, "w", "width") };
}

function cells(query: Query, parameter: string, what: string): number {
  const text = query.text(parameter) ?? "";
  const refuse = (why: string) =>
    new SlipwayError("invalid_argument", `invalid resize ${what} "${text}": ${why}`);
  if (!/^\d+$/.test(text)) throw refuse("invalid syntax");
  if (Number(text) > 65535) throw refuse("value out of range");
  return Number(text);
}

function required(value: string | undefined, parameter: string): string {
  if (value === undefined) throw new SlipwayError("invalid_argument", `Parameter "${parameter}" is missing`);
  return value;
}

function name(params: RouteContext["params"]): string {
  return params["name"] ?? "";
}
