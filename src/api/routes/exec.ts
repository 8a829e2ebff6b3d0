import type { AttachStream, ContainerService, ExecService } from "../../engine/engine.ts";
import { errorMessage, SlipwayError } from "../../errors.ts";
import { hijackReply } from "../bridge-streams.ts";
import { parseDetachKeys } from "../detach-keys.ts";
import { readJson } from "../json-body.ts";
import { empty, json } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { execCreate, execStart } from "../schemas/container.ts";
import { size } from "./containers.ts";

interface Services {
  readonly execs: ExecService;
  readonly containers: Pick<ContainerService, "inspect">;
}

/** Engine API, "Exec". */
export function execRoutes(engine: Services): Route[] {
  const { execs } = engine;
  return [
    {
      method: "POST",
      pattern: "/containers/{name*}/exec",
      handle: async ({ request, params, signal }) => {
        const exec = execCreate((await readJson(request)) ?? {}, "");
        if (exec.DetachKeys !== undefined && exec.DetachKeys !== "") parseDetachKeys(exec.DetachKeys);
        return json(await execs.create(params["name"] ?? "", exec, { signal }), 201);
      },
    },
    {
      method: "POST",
      pattern: "/exec/{id}/start",
      halfClose: true,
      handle: (context) => start(engine, context),
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

async function start(engine: Services, { request, params, apiVersion, signal }: RouteContext) {
  const body = execStart((await readJson(request)) ?? {}, "");
  const id = params["id"] ?? "";
  const { Detach: detach = false, Tty: tty = false, ConsoleSize: consoleSize } = body;
  const options = { detach, tty, ...(consoleSize !== undefined && { consoleSize }), signal };
  if (detach) {
    await (await engine.execs.start(id, options))[Symbol.asyncDispose]();
    return empty(200);
  }
  const {
    DetachKeys: keys,
    ContainerID: container,
    ProcessConfig,
  } = await engine.execs.inspect(id, { signal });
  const detachKeys = keys === "" ? undefined : keys;
  if (request.headers.get("slipway-client") !== undefined) {
    return hijackReply(await engine.execs.start(id, options), { stdin: true, apiVersion, detachKeys });
  }
  await checkRunning(engine, container, signal);
  const open = () =>
    engine.execs.start(id, options).catch((error) => failedStreams(tty, errorMessage(error)));
  return hijackReply(openedLater(ProcessConfig.tty, open), { stdin: true, apiVersion, detachKeys });
}

async function checkRunning({ containers }: Services, name: string, signal: AbortSignal): Promise<void> {
  const { Id, State } = await containers.inspect(name, { signal });
  if (State.Paused)
    throw new SlipwayError("conflict", `Container ${Id} is paused, unpause the container before exec`);
  if (!State.Running) throw new SlipwayError("conflict", `container ${Id} is not running`);
}

/**
 * Streams of a process that is started when its output is first asked for. Docker's clients expect the head of the
 * answer before the process's first byte: some lose what arrives together with the head.
 */
function openedLater(tty: boolean, open: () => Promise<AttachStream>): AttachStream {
  let opened: Promise<AttachStream> | undefined;
  const streams = () => (opened ??= open());
  async function* output() {
    yield* (await streams()).output;
  }
  return {
    tty,
    output: output(),
    write: async (data) => await (await streams()).write(data),
    closeInput: async () => await (await streams()).closeInput(),
    [Symbol.asyncDispose]: async () => await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose](),
  };
}

/** Docker's clients are told in the output, and by the exit code, that the process could not be started. */
function failedStreams(tty: boolean, message: string): AttachStream {
  async function* output() {
    yield { stream: "stdout" as const, data: Buffer.from(`${message}\r\n`) };
  }
  const nothing = async () => {};
  return { tty, output: output(), write: nothing, closeInput: nothing, [Symbol.asyncDispose]: nothing };
}
