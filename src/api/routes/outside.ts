import { SlipwayError, type ErrorCode } from "../../errors.ts";
import { errorReply, json } from "../reply.ts";
import type { Route } from "../route.ts";

const noManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to ' +
  "swarm and try again.";
const swarmAreas = ["swarm", "nodes", "services", "tasks", "secrets", "configs"] as const;
const methods = ["GET", "POST", "PUT", "DELETE"] as const;

/** Engine API, what lies outside: swarm and plugins, answered as an engine does that has neither. */
export function outsideRoutes(): Route[] {
  return [
    refuse("POST", "/swarm/init", "not_implemented", "Swarm mode is not supported"),
    refuse("POST", "/swarm/join", "not_implemented", "Swarm mode is not supported"),
    refuse("POST", "/swarm/leave", "unavailable", "This node is not part of a swarm"),
    ...swarmAreas.flatMap((area) =>
      methods.flatMap((method) => [
        refuse(method, `/${area}`, "unavailable", noManager),
        refuse(method, `/${area}/{rest*}`, "unavailable", noManager),
      ]),
    ),
    refuse("PUT", "/volumes/{name}", "unavailable", noManager),
    { method: "GET", pattern: "/plugins", handle: () => json([]) },
    refuse("GET", "/plugins/privileges", "not_implemented", "Plugins are not supported"),
    refuse("POST", "/plugins/pull", "not_implemented", "Plugins are not supported"),
    refuse("POST", "/plugins/create", "not_implemented", "Plugins are not supported"),
    ...methods.map((method): Route => ({ method, pattern: "/plugins/{rest*}", handle: noPlugin })),
    ...buildKitRoutes(),
  ];
}

/** BuildKit's own protocol: a client that is told there is none builds with `POST /build`. */
function buildKitRoutes(): Route[] {
  const words = "BuildKit is not part of this engine, use the classic builder (DOCKER_BUILDKIT=0)";
  return [refuse("POST", "/session", "not_found", words), refuse("POST", "/grpc", "not_found", words)];
}

const noPlugin: Route["handle"] = ({ params }) => {
  const name = (params["rest"] ?? "").replace(/\/(json|enable|disable|upgrade|push|set)$/, "");
  throw new SlipwayError("not_found", `plugin "${name}" not found`);
};

/** Always the same error. `unavailable` is 503 here: what a swarm would answer. */
function refuse(method: Route["method"], pattern: string, code: ErrorCode, message: string): Route {
  const status = code === "unavailable" ? 503 : undefined;
  return { method, pattern, handle: () => errorReply(new SlipwayError(code, message), status) };
}
