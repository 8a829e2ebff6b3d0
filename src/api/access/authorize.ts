import type { Scope } from "../../engine/access/access-service.ts";
import { allows } from "../../engine/access/permissions.ts";
import type { Engine } from "../../engine/engine.ts";
import { SlipwayError } from "../../errors.ts";
import type { Route, RouteContext } from "../route.ts";
import { containerCreate, execCreate } from "../schemas/container.ts";
import { hostReach } from "./host-reach.ts";
import { needsOf } from "./needs.ts";
import { rewriteBody } from "./rewrite-body.ts";
import { withinLabels } from "./within-labels.ts";

/** Passes a request on, changed where its scope says so, or throws `forbidden` or `unauthorized`. */
export type Authorize = (route: Route, context: RouteContext) => Promise<RouteContext>;

export interface AccessOptions {
  /** What the socket the request came over allows; undefined: everything. */
  readonly scope?: Scope | undefined;
  /** What a token allows. Throws `unauthorized`. */
  readonly scopeOf?: ((token: string) => Scope) | undefined;
}

/** A request may do what its socket allows and, when it carries a token, what that allows too. */
export function authorizer(engine: Engine, { scope, scopeOf }: AccessOptions): Authorize {
  return async (route, context) => {
    const token = /^Bearer (slw_\S+)$/i.exec(context.request.headers.get("authorization") ?? "")?.[1];
    if (token !== undefined && scopeOf === undefined)
      throw new SlipwayError("unauthorized", "This engine knows no tokens");
    const scopes = [scope, token === undefined ? undefined : scopeOf?.(token)];
    let allowed = context;
    for (const one of scopes) if (one !== undefined) allowed = await apply(engine, one, route, allowed);
    return allowed;
  };
}

async function apply(
  engine: Engine,
  scope: Scope,
  route: Route,
  context: RouteContext,
): Promise<RouteContext> {
  const needs = needsOf(route);
  if (needs?.length === 0) return context;
  const missing =
    needs === undefined ? (allows(scope, "*") ? undefined : "*") : needs.find((need) => !allows(scope, need));
  if (missing !== undefined) throw forbidden(`${route.method} ${route.pattern}`, missing);
  const within = allows(scope, "host") ? context : await withoutHost(route, context);
  return scope.labels.length === 0 ? within : await withinLabels(engine, scope.labels, route, within);
}

/** What reaches into the machine through the request's content. */
async function withoutHost(route: Route, context: RouteContext): Promise<RouteContext> {
  switch (`${route.method} ${route.pattern}`) {
    case "POST /containers/create":
      return await rewriteBody(context, (body) => {
        const spec = containerCreate(body, "");
        const reach = hostReach(spec);
        if (reach !== undefined) throw forbidden(reach, "host");
        return spec;
      });
    case "POST /containers/{name*}/exec":
      return await rewriteBody(context, (body) => {
        const spec = execCreate(body ?? {}, "");
        if (spec.Privileged === true) throw forbidden("privileges", "host");
        return spec;
      });
    case "POST /build": {
      const asked = ["cgroupparent", "securityopt"].find((name) => context.query.has(name));
      const isHost = context.query.text("networkmode") === "host";
      if (asked !== undefined || isHost) throw forbidden(asked ?? "the host's network", "host");
      return context;
    }
    default:
      return context;
  }
}

function forbidden(what: string, need: string): SlipwayError {
  const permission = need === "*" ? "everything" : `"${need}"`;
  return new SlipwayError("forbidden", `Out of scope: ${what} needs ${permission} to be allowed`);
}
