import { connect } from "node:net";
import { SlipwayError } from "../errors.ts";
import type { StartedContainer } from "./started-container.ts";

/** Resolves when the container is as wanted. `signal` aborts when the time is up. */
export type WaitStrategy = (container: StartedContainer, signal: AbortSignal) => Promise<void>;

const pauseMs = 50;

/**
 * A published port takes connections: something in the container listens, for without that the connection is closed at
 * once. Default: all of them.
 */
export function forPort(...ports: readonly (number | string)[]): WaitStrategy {
  return async (container, signal) => {
    const wanted = ports.length > 0 ? ports : container.published.filter((key) => key.endsWith("/tcp"));
    for (const port of wanted)
      await until(container, signal, () => listens(container.host, container.port(port)));
  };
}

/** A line of its output holds a text or matches an expression, so many times (1). */
export function forLogLine(line: string | RegExp, times = 1): WaitStrategy {
  const matches = (text: string) => (typeof line === "string" ? text.includes(line) : line.test(text));
  return async ({ engine, id }, signal) => {
    const wanted = { stdout: true, stderr: true, follow: true };
    const { output } = await engine.containers.logs(id, wanted, { signal });
    let [seen, rest] = [0, ""];
    for await (const { data } of output) {
      const lines = (rest + Buffer.from(data).toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      seen += lines.filter(matches).length;
      if (seen >= times) return;
    }
    if (rest !== "" && matches(rest)) seen += 1;
    if (seen < times)
      throw new SlipwayError("unavailable", `The output ended without a line like ${String(line)}`);
  };
}

/** Its health check, the image's or its own, says `healthy`. Throws `unavailable` when it says `unhealthy`. */
export function forHealthy(): WaitStrategy {
  return async (container, signal) => {
    await until(container, signal, async () => {
      const { State } = await container.engine.containers.inspect(container.id, { signal });
      if (State.Health === undefined)
        throw new SlipwayError("invalid_argument", "The container has no health check");
      if (State.Health.Status === "unhealthy") {
        const last = State.Health.Log.at(-1)?.Output.trim() ?? "";
        throw new SlipwayError("unavailable", `The container is unhealthy: ${last}`);
      }
      return State.Health.Status === "healthy";
    });
  };
}

/** `GET path` at a published port answers with a wanted status (default: 200 to 399). */
export function forHttp(
  path: string,
  { port, status }: { port?: number | string; status?: number } = {},
): WaitStrategy {
  return async (container, signal) => {
    const at = container.port(port ?? container.published[0] ?? "");
    await until(container, signal, async () => {
      const response = await fetch(`http://${container.host}:${at}${path}`, {
        signal,
        redirect: "manual",
      }).catch(() => undefined);
      await response?.body?.cancel();
      if (response === undefined) return false;
      return status === undefined
        ? response.status >= 200 && response.status < 400
        : response.status === status;
    });
  };
}

/** It ended, with this exit code: for containers that do one thing. */
export function forExit(exitCode = 0): WaitStrategy {
  return async ({ engine, id }, signal) => {
    const { StatusCode } = await engine.containers.wait(id, { signal });
    if (StatusCode !== exitCode)
      throw new SlipwayError("unavailable", `The container ended with ${StatusCode}, not ${exitCode}`);
  };
}

/** Asks again and again. Throws `unavailable` when the container has ended. */
async function until(
  { engine, id }: StartedContainer,
  signal: AbortSignal,
  isSo: () => Promise<boolean>,
): Promise<void> {
  while (!(await isSo())) {
    signal.throwIfAborted();
    const { State } = await engine.containers.inspect(id, { signal });
    if (!State.Running)
      throw new SlipwayError("unavailable", `The container ended with exit code ${State.ExitCode}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** A proxy may accept for a container in which nobody listens yet, and close then: held for a moment, it is real. */
function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", () => setTimeout(() => done(!socket.readableEnded && !socket.destroyed), pauseMs));
    socket.once("end", () => done(false));
    socket.once("error", () => done(false));
    socket.resume();
  });
}
