import type { BuildEvent, BuildRequest } from "../build/builder.ts";
import type { BuildService, RunningBuilds, WatchedEvent } from "../engine/engine.ts";
import type { RegistryAuth } from "../engine/types/image.ts";
import { SlipwayError } from "../errors.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import { knownCode } from "./status-error.ts";
import type { Wire } from "./wire.ts";

/** Builds on an engine behind a socket, with every event of theirs. */
export function remoteBuilds(wire: Wire): BuildService {
  return {
    build: (request, o) => build(wire, request, o ?? {}),
    list: (o) => wire.json("GET", "/slipway/v1/builds", { signal: o?.signal }),
    inspect: (id, o) => wire.json("GET", "/slipway/v1/builds/inspect", { query: { id }, signal: o?.signal }),
    stepImage: (build, step, o) =>
      wire.json("POST", "/slipway/v1/builds/step", { query: { id: build, step }, signal: o?.signal }),
    running: (o) => lines<RunningBuilds>(wire, "/slipway/v1/builds/running", {}, o),
    events: (id, o) => lines<WatchedEvent>(wire, "/slipway/v1/builds/events", { id }, o),
    prune: (o) => {
      const query = {
        all: o?.all,
        filters: o?.filters,
        "reserved-space": o?.reservedSpace,
        "max-used-space": o?.maxUsedSpace,
        "min-free-space": o?.minFreeSpace,
      };
      return wire.json("POST", "/build/prune", { query, signal: o?.signal });
    },
  };
}

/** Documents of a stream that ends with its signal. */
async function* lines<T>(
  wire: Wire,
  path: string,
  query: Record<string, string>,
  { signal }: CallOptions = {},
): AsyncGenerator<T> {
  try {
    for await (const line of wire.lines("GET", path, { query, signal })) yield line as T;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

async function* build(
  wire: Wire,
  request: BuildRequest,
  o: CallOptions & { auths?: Record<string, RegistryAuth> },
): AsyncGenerator<BuildEvent> {
  const headers = { "Content-Type": "application/vnd.slipway.build" };
  const details = { body: bodyOf(request, o.auths), headers, signal: o.signal };
  for await (const event of wire.lines("POST", "/slipway/v1/build", details)) {
    if (event["type"] === "error") {
      throw new SlipwayError(knownCode(event["code"]) ?? "internal", String(event["message"]));
    }
    yield event as unknown as BuildEvent;
  }
}

/** The request as a line of JSON, then the context. Credentials travel in the body, where no log shows them. */
async function* bodyOf(
  request: BuildRequest,
  auths: Record<string, RegistryAuth> | undefined,
): ByteStreamGenerator {
  const { context, ...others } = request;
  const plainContext = context.kind === "tar" ? { kind: "tar" } : context;
  yield Buffer.from(`${JSON.stringify({ ...others, context: plainContext, auths })}\n`);
  if (context.kind === "tar") yield* context.stream;
}

type ByteStreamGenerator = AsyncGenerator<Uint8Array> & ByteStream;
