import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openRemote, type ConnectOptions } from "./client/connect.ts";
import { PrivateEngine, type PrivateEngineOptions } from "./client/private-engine.ts";
import type { Engine } from "./engine/engine.ts";

export { SlipwayError, type ErrorCode } from "./errors.ts";
export type { PrivateEngine } from "./client/private-engine.ts";
export type { AttachStream, Engine } from "./engine/engine.ts";
export type { BuildEvent, BuildRequest } from "./build/builder.ts";

/**
 * Connects to an engine, Slipway's or another one that speaks the Docker Engine API. Default: `/run/slipway/slipway.sock`.
 *
 * @example
 * await using engine = await connect({ host: "unix:///run/slipway/slipway.sock" });
 * const { Id } = await engine.containers.create({ Image: "nginx" });
 *
 * Throws `unavailable` when no engine answers.
 */
export async function connect(options: ConnectOptions = {}): Promise<Engine> {
  const given = options.host !== undefined || options.socketPath !== undefined;
  const engine = await openRemote(given ? options : { socketPath: "/run/slipway/slipway.sock" });
  try {
    await engine.ping();
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Starts an engine of one's own on a private socket; dispose ends it. `command` is the slipway executable; default: the
 * one built beside this package, else the package's own source on Bun, else `slipway` of the PATH.
 */
export async function startEngine(options: Partial<PrivateEngineOptions> = {}): Promise<PrivateEngine> {
  return await PrivateEngine.start({ command: defaultCommand(), ...options });
}

function defaultCommand(): string[] {
  const built = fileURLToPath(new URL("../dist/slipway", import.meta.url));
  if (existsSync(built)) return [built];
  const source = fileURLToPath(new URL("./cli/bin.ts", import.meta.url));
  return "Bun" in globalThis && existsSync(source) ? [process.execPath, source] : ["slipway"];
}
