import { readJson } from "../json-body.ts";
import type { RouteContext } from "../route.ts";

/** The same request with another JSON body: what was read and checked is what the handler gets. */
export async function rewriteBody(
  context: RouteContext,
  change: (value: unknown) => Promise<unknown> | unknown,
): Promise<RouteContext> {
  const value = await change(await readJson(context.request));
  const bytes = Buffer.from(value === undefined ? "" : JSON.stringify(value));
  async function* body() {
    if (bytes.length > 0) yield bytes;
  }
  const headers = new Map([...context.request.headers, ["content-type", "application/json"]]);
  return { ...context, request: { ...context.request, headers, body: body() } };
}
