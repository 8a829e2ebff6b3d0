import type { Engine } from "../engine/engine.ts";
import { errorMessage, SlipwayError } from "../errors.ts";
import { portKey } from "./port-key.ts";
import { StartedContainer, type StartOptions } from "./started-container.ts";
import { forPort } from "./wait-strategies.ts";

/**
 * Creates and starts a container for a test, and waits until it is ready. An image that is not here is pulled. When it
 * does not get ready, it is removed, and the error (`deadline_exceeded`, or what the strategy throws) has the last of
 * what it printed.
 */
export async function startContainer(engine: Engine, options: StartOptions): Promise<StartedContainer> {
  const { wait = forPort(), ports = [], timeoutMs = 60_000, signal, ...spec } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const over = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  const { Id } = await create(engine, withPorts(spec, ports), over);
  try {
    await engine.containers.start(Id, { signal: over });
    const container = await StartedContainer.of(engine, Id, { signal: over });
    for (const strategy of typeof wait === "function" ? [wait] : wait) await strategy(container, over);
    return container;
  } catch (error) {
    const container = await StartedContainer.of(engine, Id);
    const failure = await explained(container, error, { timedOut: deadline.aborted, timeoutMs });
    await container[Symbol.asyncDispose]();
    throw failure;
  }
}

type Spec = Omit<StartOptions, "wait" | "ports" | "timeoutMs" | "signal">;

async function create(engine: Engine, spec: Spec, signal: AbortSignal): Promise<{ Id: string }> {
  try {
    return await engine.containers.create(spec, { signal });
  } catch (error) {
    const isMissing = error instanceof SlipwayError && /No such image/.test(error.message);
    if (!isMissing || spec.Image === undefined) throw error;
    for await (const _line of engine.images.pull(spec.Image, { signal }));
    return await engine.containers.create(spec, { signal });
  }
}

function withPorts(spec: Spec, ports: readonly (number | string)[]): Spec {
  if (ports.length === 0) return spec;
  const keys = ports.map(portKey);
  const free = () => [{ HostIp: "127.0.0.1", HostPort: "" }];
  return {
    ...spec,
    ExposedPorts: { ...spec.ExposedPorts, ...Object.fromEntries(keys.map((key) => [key, {}])) },
    HostConfig: {
      ...spec.HostConfig,
      PortBindings: {
        ...spec.HostConfig?.PortBindings,
        ...Object.fromEntries(keys.map((key) => [key, free()])),
      },
    },
  };
}

/** The error with the last lines of the container, which mostly tell why. */
async function explained(
  container: StartedContainer,
  error: unknown,
  { timedOut, timeoutMs }: { timedOut: boolean; timeoutMs: number },
): Promise<SlipwayError> {
  const said = await container.logs().catch(() => "");
  const tail = said.trim().split("\n").slice(-10).join("\n");
  const why = timedOut ? `it was not ready after ${timeoutMs} ms` : errorMessage(error);
  const code = timedOut ? "deadline_exceeded" : error instanceof SlipwayError ? error.code : "internal";
  const words = tail === "" ? "" : `\nIt said last:\n${tail}`;
  return new SlipwayError(code, `The container did not start: ${why}${words}`, { cause: error });
}
