import type { Engine } from "../../engine/engine.ts";
import type { ContainerCreate } from "../../engine/types/container.ts";
import { SlipwayError } from "../../errors.ts";
import { taggedReference } from "../image-parameters.ts";
import { Query } from "../query.ts";
import type { Route, RouteContext } from "../route.ts";
import { containerCreate } from "../schemas/container.ts";
import { networkConnect, networkCreate, networkDisconnect } from "../schemas/network.ts";
import { volumeCreate } from "../schemas/volume.ts";
import { LabelScope } from "./label-scope.ts";
import { rewriteBody } from "./rewrite-body.ts";

const listed: ReadonlySet<string> = new Set([
  "GET /containers/json",
  "GET /images/json",
  "GET /networks",
  "GET /volumes",
  "GET /events",
  "POST /containers/prune",
  "POST /images/prune",
  "POST /networks/prune",
  "POST /volumes/prune",
]);

/** Operations that touch nobody's things. */
const neutral: ReadonlySet<string> = new Set(["GET /info", "POST /auth", "GET /images/search"]);

/**
 * A request within labels: lists are filtered by them, what is named must have them, what is created gets them. What
 * cannot be held to labels is refused (`forbidden`).
 */
export async function withinLabels(
  engine: Engine,
  labels: readonly string[],
  route: Route,
  context: RouteContext,
): Promise<RouteContext> {
  const operation = `${route.method} ${route.pattern}`;
  if (neutral.has(operation)) return context;
  if (listed.has(operation)) return filtered(context, labels);
  const scope = new LabelScope(engine, labels);
  const created = await creation(engine, scope, operation, context);
  if (created !== undefined) return created;
  if (await isWithin(scope, route, context)) return await withParts(scope, operation, context);
  throw new SlipwayError("forbidden", `Out of scope: ${operation} cannot be held to labels`);
}

function filtered(context: RouteContext, labels: readonly string[]): RouteContext {
  const filters = context.query.filters();
  const label = [...(filters["label"] ?? []), ...labels];
  return withQuery(context, "filters", JSON.stringify({ ...filters, label }));
}

function withQuery(context: RouteContext, name: string, value: string, more = false): RouteContext {
  const params = new URLSearchParams(context.request.query);
  if (more) params.append(name, value);
  else params.set(name, value);
  return { ...context, request: { ...context.request, query: params }, query: new Query(params) };
}

/** Undefined: the operation creates nothing. */
async function creation(
  engine: Engine,
  scope: LabelScope,
  operation: string,
  context: RouteContext,
): Promise<RouteContext | undefined> {
  const labelled = <T extends { Labels?: Record<string, string> | null }>(spec: T): T => ({
    ...spec,
    Labels: { ...spec.Labels, ...scope.record },
  });
  switch (operation) {
    case "POST /containers/create":
      return await rewriteBody(context, async (body) => {
        const spec = containerCreate(body, "");
        await checkParts(engine, scope, spec);
        return labelled(spec);
      });
    case "POST /networks/create":
      return await rewriteBody(context, (body) => labelled(networkCreate(body, "")));
    case "POST /volumes/create":
      return await rewriteBody(context, (body) => labelled(volumeCreate(body ?? {}, "")));
    case "POST /build": {
      for (const tag of context.query.all("t")) await scope.named(tag);
      const given = (context.query.json("labels") ?? {}) as Record<string, string>;
      return withQuery(context, "labels", JSON.stringify({ ...given, ...scope.record }));
    }
    default:
      return undefined;
  }
}

/** What a container to be created shares with others, and mounts. */
async function checkParts(engine: Engine, scope: LabelScope, spec: ContainerCreate): Promise<void> {
  const host = spec.HostConfig ?? {};
  await scope.image(spec.Image ?? "");
  const joined = [host.NetworkMode ?? "", ...Object.keys(spec.NetworkingConfig?.EndpointsConfig ?? {})];
  for (const network of joined) await scope.joined(network);
  for (const mode of [host.PidMode, host.IpcMode])
    if (mode?.startsWith("container:") === true) await scope.container(mode.slice("container:".length));
  for (const from of [...(host.VolumesFrom ?? []), ...(host.Links ?? [])])
    await scope.container(from.split(":", 1)[0] ?? "");
  const named = (host.Binds ?? [])
    .filter((bind) => bind.includes(":"))
    .map((bind) => bind.split(":", 1)[0] ?? "");
  const mounted = (host.Mounts ?? []).flatMap(({ Type, Source }) =>
    Type === "volume" && Source ? [Source] : [],
  );
  const make = (Name: string) => engine.volumes.create({ Name, Labels: scope.record });
  for (const volume of [...named, ...mounted]) if (!/^[/.~]/.test(volume)) await scope.mounted(volume, make);
}

/** Whether all that the path names is there for the scope; false: it names nothing that has labels. */
async function isWithin(
  scope: LabelScope,
  { pattern }: Route,
  { params, query }: RouteContext,
): Promise<boolean> {
  const name = params["name"] ?? "";
  if (/^(\/slipway\/v1)?\/containers\/\{name\*\}/.test(pattern)) await linkOrContainer(scope, name);
  else if (pattern.startsWith("/exec/{id}")) await scope.exec(params["id"] ?? "");
  else if (pattern === "/images/{name*}/push")
    await scope.image(query.text("slipway-image") ?? taggedReference(name, query.text("tag")));
  else if (pattern.startsWith("/images/{name*}")) await scope.image(name);
  else if (pattern === "/images/get") for (const one of query.all("names")) await scope.image(one);
  else if (pattern.startsWith("/networks/{name}")) await scope.network(name);
  else if (pattern === "/volumes/{name}") await scope.volume(name);
  else if (pattern === "/commit") await scope.container(query.text("container") ?? "");
  else return false;
  return true;
}

/** A link is the business of the container that has it, and of the one it means. */
async function linkOrContainer(scope: LabelScope, name: string): Promise<void> {
  const [container = ""] = name.replace(/^\//, "").split("/");
  for (const one of new Set([container, name])) await scope.container(one);
}

/** What stands beside the path: a network's container, a committed image's labels. */
async function withParts(scope: LabelScope, operation: string, context: RouteContext): Promise<RouteContext> {
  switch (operation) {
    case "POST /networks/{name}/connect":
      return await rewriteBody(context, async (body) => {
        const spec = networkConnect(body, "");
        await scope.container(spec.Container);
        return spec;
      });
    case "POST /networks/{name}/disconnect":
      return await rewriteBody(context, async (body) => {
        const spec = networkDisconnect(body, "");
        await scope.container(spec.Container);
        return spec;
      });
    case "POST /images/{name*}/tag":
      await scope.named(givenName(context));
      return context;
    case "POST /commit": {
      if (context.query.has("repo")) await scope.named(givenName(context));
      const words = Object.entries(scope.record).map(
        ([key, value]) => `LABEL ${key}=${JSON.stringify(value)}`,
      );
      return words.reduce((changed, word) => withQuery(changed, "changes", word, true), context);
    }
    default:
      return context;
  }
}

function givenName({ query }: RouteContext): string {
  return taggedReference(query.text("repo") ?? "", query.text("tag"));
}
