import type { Route } from "../route.ts";
import { refuse } from "./outside.ts";

const operations: readonly (readonly [Route["method"], string, string])[] = [
  ["GET", "/containers/{name}/attach/ws", "Attaching over a websocket"],
  ["GET", "/distribution/{name*}/json", "Inspecting an image in its registry"],
];

/** Operations of the Engine API that the engine does not have yet: 501 and a name, never a wrong answer. */
export function notYetRoutes(): Route[] {
  return operations.map(([method, pattern, what]) =>
    refuse(method, pattern, "not_implemented", `${what} is not supported yet`),
  );
}
