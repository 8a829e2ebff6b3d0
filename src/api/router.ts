import { errorMessage, SlipwayError } from "../errors.ts";
import type { HttpHandler, HttpReply, HttpRequest } from "./http/message.ts";
import type { Authorize } from "./access/authorize.ts";
import { Query } from "./query.ts";
import { errorReply } from "./reply.ts";
import type { Route } from "./route.ts";

export const API_VERSION = "1.50";
export const MIN_API_VERSION = "1.24";
const newest = 50;
const oldest = 24;

interface CompiledRoute {
  readonly route: Route;
  readonly pattern: RegExp;
}

interface Target {
  readonly path: string;
  readonly apiVersion: number;
}

/**
 * Finds the route of a request, and turns what its handler throws into Docker's error document. `headers` are added
 * to every reply. Earlier routes win. `authorize` passes each request on, changed or not, or throws.
 */
export function createRouter(
  routes: readonly Route[],
  headers: Readonly<Record<string, string>>,
  authorize: Authorize = async (_route, context) => context,
): HttpHandler {
  const compiled = routes.map((route) => ({ route, pattern: compile(route.pattern) }));
  return async (request) => {
    const reply = await dispatch(compiled, request, authorize).catch((error: unknown) => errorReply(error));
    return { ...reply, headers: { ...headers, ...reply.headers } };
  };
}

async function dispatch(
  routes: readonly CompiledRoute[],
  request: HttpRequest,
  authorize: Authorize,
): Promise<HttpReply> {
  const target = resolveTarget(request.path);
  if (request.method === "OPTIONS") return { kind: "response", status: 200 };
  for (const { route, pattern } of routes) {
    if (route.method !== request.method) continue;
    const match = pattern.exec(target.path);
    if (match === null) continue;
    if (route.halfClose === true) request.allowHalfClose();
    const context = {
      request,
      params: { ...match.groups },
      query: new Query(request.query),
      apiVersion: target.apiVersion,
      signal: request.signal,
    };
    return await route.handle(await authorize(route, context));
  }
  throw new SlipwayError("not_found", "page not found");
}

/** Takes `/v1.50` off the path. Throws with Docker's words when the version is out of our range. */
function resolveTarget(raw: string): Target {
  const path = decodePath(raw);
  const match = /^\/v(\d+)\.(\d+)(\/.*)$/s.exec(path);
  if (match === null) return { path: plainPath(path), apiVersion: newest };
  const [major, minor] = [Number(match[1]), Number(match[2])];
  if (major > 1 || (major === 1 && minor > newest)) {
    throw invalid(
      `client version ${major}.${minor} is too new. Maximum supported API version is ${API_VERSION}`,
    );
  }
  if (major < 1 || minor < oldest) {
    throw invalid(
      `client version ${major}.${minor} is too old. Minimum supported API version is ${MIN_API_VERSION}, ` +
        "please upgrade your client to a newer version",
    );
  }
  return { path: plainPath(match[3] ?? "/"), apiVersion: minor };
}

/** Docker knows this path with a slash behind it as well, and no other. */
function plainPath(path: string): string {
  return path === "/networks/" ? "/networks" : path;
}

function decodePath(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch (error) {
    throw invalid(`Invalid path "${raw.slice(0, 200)}": ${errorMessage(error)}`);
  }
}

function compile(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.]/g, "\\.")
    .replaceAll(/\{(\w+)\*\}/g, "(?<$1>.+)")
    .replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${source}$`, "s");
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}
