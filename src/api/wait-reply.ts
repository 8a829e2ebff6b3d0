import type { ContainerService, WaitCondition } from "../engine/engine.ts";
import type { ContainerWait } from "../engine/types/container.ts";
import { errorMessage } from "../errors.ts";
import type { HttpReply } from "./http/message.ts";
import { bytes } from "./reply.ts";

/**
 * Engine API, `POST /containers/{id}/wait`: the head goes out as soon as the wait stands, so that a client can start
 * the container without missing its end; the body follows when it ended. A container that does not exist is an error
 * before the head.
 */
export async function waitReply(
  containers: Pick<ContainerService, "wait" | "inspect">,
  name: string,
  condition: WaitCondition,
  signal: AbortSignal,
): Promise<HttpReply> {
  const waiting = containers.wait(name, { condition, signal });
  await Promise.any([waiting, containers.inspect(name, { signal })]).catch((error: AggregateError) => {
    throw error.errors[0];
  });
  return bytes(result(waiting), "application/json");
}

async function* result(waiting: Promise<ContainerWait>): AsyncGenerator<Uint8Array> {
  const ended = await waiting.catch((error: unknown) => ({
    StatusCode: -1,
    Error: { Message: errorMessage(error) },
  }));
  yield Buffer.from(`${JSON.stringify(ended)}\n`);
}
