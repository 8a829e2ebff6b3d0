import type { Engine } from "../../engine/engine.ts";
import type { LocalAccess } from "../../engine/access/local-access.ts";
import { serveEngine, type ServeOptions } from "../serve-engine.ts";

/** Serves the scoped sockets of an engine, those that are there and those that are added. Dispose ends them. */
export async function serveSockets(
  engine: Engine,
  access: LocalAccess,
  options: Omit<ServeOptions, "address" | "scope">,
  warn: (message: string) => void,
): Promise<AsyncDisposable> {
  await access.serve(
    ({ path, mode, group, allow, labels }) =>
      serveEngine(engine, { ...options, address: { path, mode, group }, scope: { allow, labels } }),
    warn,
  );
  return { [Symbol.asyncDispose]: () => access.stop() };
}
