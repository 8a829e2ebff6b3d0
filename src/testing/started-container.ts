import type { Engine } from "../engine/engine.ts";
import { randomUUID } from "node:crypto";
import type { ContainerCreate, ContainerInspect } from "../engine/types/container.ts";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { portKey } from "./port-key.ts";
import { forPort, type WaitStrategy } from "./wait-strategies.ts";

/** A container to start for a test: as for `create`, and when it counts as started. */
export interface StartOptions extends ContainerCreate, CallOptions {
  /** What must be before the container counts as started. Default: every published port takes connections. */
  readonly wait?: WaitStrategy | readonly WaitStrategy[];
  /** Container ports to publish on free ports of the loopback address: `5432`, `"53/udp"`. */
  readonly ports?: readonly (number | string)[];
  /** How long all of that may take, in ms. Default 60,000. */
  readonly timeoutMs?: number;
}

/** A running container of a test. Dispose kills and removes it, with its anonymous volumes (idempotent). */
export class StartedContainer implements AsyncDisposable {
  readonly engine: Engine;
  readonly id: string;
  /** Its name, which others on its network find it by. */
  readonly name: string;
  /** Where its published ports are. */
  readonly host = "127.0.0.1";
  readonly #ports: ReadonlyMap<string, number>;

  private constructor(engine: Engine, { Id, Name, NetworkSettings }: ContainerInspect) {
    this.engine = engine;
    this.id = Id;
    this.name = Name.replace(/^\//, "");
    const bound = Object.entries(NetworkSettings.Ports);
    const ports = bound.map(([key, bindings]) => [key, Number(bindings?.[0]?.HostPort)] as const);
    this.#ports = new Map(ports.filter(([, port]) => port > 0));
  }

  /** A container that runs, as one of a test's. Throws `not_found`. */
  static async of(engine: Engine, name: string, o: CallOptions = {}): Promise<StartedContainer> {
    return new StartedContainer(engine, await engine.containers.inspect(name, o));
  }

  /**
   * Another one like this, with a copy of its files, volumes too, as they are now: seed a database once, and give each
   * test one of its own. Its command starts anew, and it has ports of its own; `wait` is as for a start.
   */
  async fork(o: CallOptions & { name?: string; wait?: WaitStrategy } = {}): Promise<StartedContainer> {
    const { signal = AbortSignal.timeout(60_000), wait } = o;
    const name = o.name ?? `${this.name}-${randomUUID().slice(0, 8)}`;
    const { Id } = await this.engine.containers.fork(this.id, name, { signal });
    const fork = await StartedContainer.of(this.engine, Id, { signal });
    try {
      await (wait ?? forPort())(fork, signal);
      return fork;
    } catch (error) {
      await fork[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The published ports of the container, `5432/tcp` and the like. */
  get published(): string[] {
    return [...this.#ports.keys()];
  }

  /** The host's port for one of the container's. Throws `not_found` when it is not published. */
  port(containerPort: number | string): number {
    const key = portKey(containerPort);
    const port = this.#ports.get(key);
    if (port === undefined) throw new SlipwayError("not_found", `The container publishes no port ${key}`);
    return port;
  }

  /** Runs a command in it, to its end. */
  async exec(
    command: readonly string[],
    o: CallOptions & { input?: string | Uint8Array } = {},
  ): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const { signal, input } = o;
    const streams = { AttachStdout: true, AttachStderr: true, AttachStdin: input !== undefined };
    const { Id } = await this.engine.execs.create(this.id, { Cmd: [...command], ...streams }, { signal });
    await using running = await this.engine.execs.start(Id, { signal });
    if (input !== undefined) await running.write(Buffer.from(input));
    await running.closeInput();
    const said = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
    for await (const { stream, data } of running.output) said[stream].push(data);
    const { ExitCode } = await this.engine.execs.inspect(Id, { signal });
    const text = (parts: Uint8Array[]) => Buffer.concat(parts).toString("utf8");
    return { exitCode: ExitCode ?? -1, stdout: text(said.stdout), stderr: text(said.stderr) };
  }

  /** All it printed so far, both streams as they came. */
  async logs(o: CallOptions = {}): Promise<string> {
    const { output } = await this.engine.containers.logs(this.id, { stdout: true, stderr: true }, o);
    const parts: Uint8Array[] = [];
    for await (const { data } of output) parts.push(data);
    return Buffer.concat(parts).toString("utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.containers.remove(this.id, { force: true, volumes: true }).catch((error: unknown) => {
      if (!(error instanceof SlipwayError) || error.code !== "not_found") throw error;
    });
  }
}
