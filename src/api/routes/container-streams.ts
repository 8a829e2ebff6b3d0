import type { ContainerService, LogOptions } from "../../engine/engine.ts";
import { SlipwayError } from "../../errors.ts";
import { hijackReply, websocketBridge } from "../bridge-streams.ts";
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from "../detach-keys.ts";
import { checkHandshake } from "../http/websocket.ts";
import type { Query } from "../query.ts";
import { bytes } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { frameOutput, streamType } from "../stream-frame.ts";

type Streams = Pick<ContainerService, "attach" | "logs" | "inspect">;

/** Engine API, "Container": attach and logs. */
export function containerStreamRoutes(containers: Streams): Route[] {
  return [
    {
      method: "POST",
      pattern: "/containers/{name*}/attach",
      halfClose: true,
      handle: (context) => attach(containers, context),
    },
    {
      method: "GET",
      pattern: "/containers/{name*}/attach/ws",
      halfClose: true,
      handle: (context) => attachWebsocket(containers, context),
    },
    { method: "GET", pattern: "/containers/{name*}/logs", handle: (context) => logs(containers, context) },
  ];
}

async function attach(containers: Streams, { params, query, apiVersion, signal }: RouteContext) {
  const options = attachOptions(query);
  const streams = await containers.attach(params["name"] ?? "", options, { signal });
  const { stdin, stream, detachKeys } = options;
  return hijackReply(streams, { stdin: stdin && stream, apiVersion, detachKeys });
}

async function attachWebsocket(containers: Streams, { request, params, query, signal }: RouteContext) {
  const options = attachOptions(query);
  await containers.inspect(params["name"] ?? "", { signal });
  checkHandshake(request);
  const streams = await containers.attach(params["name"] ?? "", options, { signal });
  const { stdin, stream, detachKeys } = options;
  return websocketBridge(streams, request, { stdin: stdin && stream, detachKeys });
}

/** Throws `invalid_argument` for malformed detach keys. */
function attachOptions(query: Query) {
  const detachKeys = query.text("detachKeys");
  parseDetachKeys(detachKeys ?? DEFAULT_DETACH_KEYS);
  return {
    stdin: query.flag("stdin"),
    stdout: query.flag("stdout"),
    stderr: query.flag("stderr"),
    logs: query.flag("logs"),
    stream: query.flag("stream"),
    ...(detachKeys !== undefined && { detachKeys }),
  };
}

async function logs(containers: Streams, { params, query, apiVersion, signal }: RouteContext) {
  const { tty, output } = await containers.logs(params["name"] ?? "", logOptions(query), { signal });
  return bytes(frameOutput(output, tty), streamType(tty, apiVersion));
}

function logOptions(query: Query): LogOptions {
  const [stdout, stderr] = [query.flag("stdout"), query.flag("stderr")];
  if (!stdout && !stderr) {
    throw new SlipwayError("invalid_argument", "Bad parameters: you must choose at least one stream");
  }
  // Docker's word for "no end" of a log is a bare 0; the epoch itself is "0.000".
  const until = query.text("until") === "0" ? undefined : query.time("until");
  const [since, tail] = [query.time("since"), tailLines(query)];
  return {
    stdout,
    stderr,
    follow: query.flag("follow"),
    timestamps: query.flag("timestamps"),
    details: query.flag("details"),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(tail !== undefined && { tail }),
  };
}

/** As Docker: what is no number, and a negative one, means all. */
function tailLines(query: Query): number | undefined {
  const tail = query.text("tail") ?? "all";
  return /^\d{1,15}$/.test(tail) ? Number(tail) : undefined;
}
