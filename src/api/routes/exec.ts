import type { AttachStream, ExecService } from "../../engine/engine.ts";
import { errorMessage } from "../../errors.ts";
import { hijackReply } from "../bridge-streams.ts";
import { parseDetachKeys } from "../detach-keys.ts";
import { readJson } from "../json-body.ts";
import { empty, json } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { execCreate, execStart } from "../schemas/container.ts";
import { size } from "./containers.ts";

/** Engine API, "Exec". */
export function execRoutes(execs: ExecService): Route[] {
  return [
    {
      method: "POST",
      pattern: "/containers/{name}/exec",
      handle: async ({ request, params, signal }) => {
        const exec = execCreate(await readJson(request.body), "");
        if (exec.DetachKeys !== undefined && exec.DetachKeys !== "") parseDetachKeys(exec.DetachKeys);
        return json(await execs.create(params["name"] ?? "", exec, { signal }), 201);
      },
    },
    {
      method: "POST",
      pattern: "/exec/{id}/start",
      halfClose: true,
      handle: (context) => start(execs, context),
    },
    {
      method: "POST",
      pattern: "/exec/{id}/resize",
      handle: async ({ params, query, signal }) => {
        await execs.resize(params["id"] ?? "", size(query), { signal });
        return empty(200);
      },
    },
    {
      method: "GET",
      pattern: "/exec/{id}/json",
      handle: async ({ params, signal }) => json(await execs.inspect(params["id"] ?? "", { signal })),
    },
  ];
}

async function start(execs: ExecService, { request, params, apiVersion, signal }: RouteContext) {
  const body = execStart((await readJson(request.body)) ?? {}, "");
  const id = params["id"] ?? "";
  const { Detach: detach = false, Tty: tty = false, ConsoleSize: consoleSize } = body;
  const options = { detach, tty, ...(consoleSize !== undefined && { consoleSize }), signal };
  if (!detach) {
    const { DetachKeys: keys } = await execs.inspect(id, { signal });
    const detachKeys = keys === "" ? undefined : keys;
    const isOurs = request.headers.get("slipway-client") !== undefined;
    const streams = await execs.start(id, options).catch(async (error: unknown) => {
      if (isOurs || (await execs.inspect(id)).ExitCode === null) throw error;
      return failedStreams(tty, errorMessage(error));
    });
    return hijackReply(streams, { stdin: true, apiVersion, detachKeys });
  }
  await (await execs.start(id, options))[Symbol.asyncDispose]();
  return empty(200);
}

/** Docker's clients are told in the output, and by the exit code, that the process could not be started. */
function failedStreams(tty: boolean, message: string): AttachStream {
  async function* output() {
    yield { stream: "stdout" as const, data: Buffer.from(`${message}\r\n`) };
  }
  const nothing = async () => {};
  return { tty, output: output(), write: nothing, closeInput: nothing, [Symbol.asyncDispose]: nothing };
}
