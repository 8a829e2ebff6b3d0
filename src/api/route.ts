import type { HttpReply, HttpRequest } from "./http/message.ts";
import type { Query } from "./query.ts";

/** What a handler gets: the request, what the pattern caught (percent-decoded), the query, typed. */
export interface RouteContext {
  readonly request: HttpRequest;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  /** Minor version of the API asked for: 50 for `/v1.50`, and for paths without a version. */
  readonly apiVersion: number;
  readonly signal: AbortSignal;
}

/**
 * One operation. `pattern` is the path without the version: `{name}` catches a segment, `{name*}` one or more
 * (image references have slashes). Handlers throw `SlipwayError`; the router makes replies of them.
 */
export interface Route {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly pattern: string;
  /** The client may end its direction while the answer still runs (streams with standard input). */
  readonly halfClose?: boolean;
  handle(context: RouteContext): Promise<HttpReply> | HttpReply;
}
