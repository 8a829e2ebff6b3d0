import type { Engine } from "../engine/engine.ts";
import type { Trace } from "../internal/trace.ts";
import type { HttpHandler } from "./http/message.ts";
import { authorizer, type AccessOptions } from "./access/authorize.ts";
import { accessRoutes } from "./routes/access.ts";
import { listenHttp, type HttpServer, type HttpServerOptions } from "./http/listen.ts";
import { API_VERSION, createRouter } from "./router.ts";
import { buildRoutes } from "./routes/build.ts";
import { containerFileRoutes } from "./routes/container-files.ts";
import { containerResourceRoutes } from "./routes/container-resources.ts";
import { containerStreamRoutes } from "./routes/container-streams.ts";
import { containerRoutes } from "./routes/containers.ts";
import { execRoutes } from "./routes/exec.ts";
import { imageTransferRoutes } from "./routes/image-transfer.ts";
import { imageRoutes } from "./routes/images.ts";
import { networkRoutes } from "./routes/networks.ts";
import { outsideRoutes } from "./routes/outside.ts";
import { registryRoutes } from "./routes/registries.ts";
import { slipwayRoutes } from "./routes/slipway.ts";
import { manifestRoutes } from "./routes/manifests.ts";
import { storeRoutes } from "./routes/store.ts";
import { systemRoutes } from "./routes/system.ts";
import { volumeRoutes } from "./routes/volumes.ts";

export interface ServeOptions extends AccessOptions {
  readonly address: HttpServerOptions["address"];
  /** Version of the engine, for the `Server` field. */
  readonly version: string;
  /** Measures each request. */
  readonly trace?: Trace | undefined;
}

/**
 * Serves the Docker Engine API 1.24 to 1.50 of an engine. Resolves when it listens; dispose, or abort `signal`, to
 * stop: running requests are aborted. The engine is not disposed. Throws as {@link listenHttp}.
 */
export async function serveEngine(
  engine: Engine,
  options: ServeOptions,
  signal?: AbortSignal,
): Promise<HttpServer> {
  signal?.throwIfAborted();
  const handler = createRouter(
    engineRoutes(engine),
    {
      "Api-Version": API_VERSION,
      "Docker-Experimental": "false",
      Ostype: "linux",
      Server: `Slipway/${options.version} (linux)`,
    },
    authorizer(engine, options),
  );
  const server = await listenHttp({
    address: options.address,
    handler: tracedHandler(handler, options.trace),
  });
  signal?.addEventListener("abort", () => void server[Symbol.asyncDispose](), { once: true });
  return server;
}

function tracedHandler(handler: HttpHandler, trace: Trace | undefined): HttpHandler {
  if (trace?.serve === undefined) return handler;
  const serve = trace.serve.bind(trace);
  return (request) =>
    serve(Object.fromEntries(request.headers), `${request.method} ${request.path}`, () => handler(request));
}

/** Every operation, the more special patterns first. */
export function engineRoutes(engine: Engine) {
  return [
    ...systemRoutes(engine),
    ...containerRoutes(engine.containers),
    ...containerStreamRoutes(engine.containers),
    ...containerFileRoutes(engine.files),
    ...containerResourceRoutes(engine.resources),
    ...execRoutes(engine),
    ...imageRoutes(engine.images),
    ...imageTransferRoutes(engine.images),
    ...buildRoutes(engine.builds),
    ...networkRoutes(engine.networks),
    ...volumeRoutes(engine.volumes),
    ...slipwayRoutes(engine),
    ...storeRoutes(engine),
    ...registryRoutes(engine.registries),
    ...manifestRoutes(engine),
    ...accessRoutes(engine.access),
    ...outsideRoutes(),
  ];
}
