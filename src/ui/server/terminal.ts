import { RemoteEngine } from "../../client/remote-engine.ts";
import { errorMessage } from "../../errors.ts";
import type { AttachStream, Engine } from "../../engine/engine.ts";
import type { ServerSocket, SocketOpener, SocketSession } from "../../platform/server-socket.ts";
import type { EngineLine } from "./engine-line.ts";

interface Size {
  readonly h: number;
  readonly w: number;
}

export interface TerminalRequest {
  readonly container: string;
  /** A process to run in the container; undefined: its own, which is started. */
  readonly command: readonly string[] | undefined;
  readonly user: string;
  readonly size: Size;
}

/**
 * What a web socket for a terminal asks for: `/ws/exec?container=&command=JSON&user=&h=&w=`, or `/ws/attach?container=`
 * for the process of a container that was created with a terminal, and that is removed when the page leaves; undefined:
 * nonsense.
 */
export function terminalRequest({ pathname, searchParams }: URL): TerminalRequest | undefined {
  const container = searchParams.get("container") ?? "";
  const isExec = pathname === "/ws/exec";
  const command = isExec ? words(searchParams.get("command") ?? "") : undefined;
  const size = { h: Number(searchParams.get("h")), w: Number(searchParams.get("w")) };
  if (container === "" || (isExec && command === undefined)) return undefined;
  const whole = isSize(size.h) && isSize(size.w) ? size : { h: 24, w: 80 };
  return { container, command, user: searchParams.get("user") ?? "", size: whole };
}

/**
 * A process with a terminal behind a web socket: bytes are what is typed and what is shown, text is
 * `{"resize":[rows,columns]}` from the page and `{"exit":code}` or `{"error":"…"}` to it, before the end.
 */
export function terminal(engine: EngineLine, request: TerminalRequest): SocketOpener {
  return (socket) =>
    new TerminalSession(new RemoteEngine(engine.address, { token: engine.token }), request, socket);
}

/** A process that was started. */
interface Started {
  readonly stream: AttachStream;
  resize(size: Size): Promise<void>;
  exitCode(): Promise<number | null>;
  /** The page is gone. */
  leave(): Promise<void>;
}

class TerminalSession implements SocketSession {
  readonly #socket: ServerSocket;
  readonly #left = new AbortController();
  readonly #started: Promise<Started | undefined>;

  constructor(engine: Engine, request: TerminalRequest, socket: ServerSocket) {
    this.#socket = socket;
    const start = request.command === undefined ? startOwn : startExec;
    this.#started = start(engine, request, this.#left.signal).catch(async (error: unknown) => {
      await this.#end({ error: errorMessage(error) });
      return undefined;
    });
    void this.#started.then((started) => started && this.#show(started));
  }

  message(message: string | Uint8Array): void {
    void this.#started
      .then(async (started) => {
        if (started === undefined) return;
        if (typeof message !== "string") return await started.stream.write(message);
        const size = resizeOf(message);
        if (size !== undefined) await started.resize(size);
      })
      .catch(() => {});
  }

  closed(): void {
    void this.#started
      .then((started) => started?.leave())
      .catch(() => {})
      .finally(() => this.#left.abort());
  }

  async #show({ stream, exitCode }: Started): Promise<void> {
    try {
      for await (const { data } of stream.output) await this.#socket.send(data);
      await this.#end({ exit: await exitCode() });
    } catch (error) {
      await this.#end({ error: errorMessage(error) });
    }
  }

  async #end(last: object): Promise<void> {
    await this.#socket.send(JSON.stringify(last));
    this.#socket.close(1000);
  }
}

async function startExec(
  { execs }: Engine,
  { container, command = [], user, size }: TerminalRequest,
  signal: AbortSignal,
): Promise<Started> {
  const ConsoleSize: [number, number] = [size.h, size.w];
  const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true };
  const exec = { ...streams, Cmd: [...command], Env: ["TERM=xterm-256color"], User: user, ConsoleSize };
  const { Id: id } = await execs.create(container, exec, { signal });
  const stream = await execs.start(id, { tty: true, consoleSize: ConsoleSize, signal });
  return {
    stream,
    resize: (wanted) => execs.resize(id, wanted),
    exitCode: async () => (await execs.inspect(id)).ExitCode,
    // A shell that loses its terminal ends, where the engine left alone would keep it.
    leave: async () => {
      await stream.closeInput();
      await stream[Symbol.asyncDispose]();
    },
  };
}

async function startOwn(
  { containers }: Engine,
  { container, size }: TerminalRequest,
  signal: AbortSignal,
): Promise<Started> {
  const wanted = { stdin: true, stdout: true, stderr: true, stream: true };
  const stream = await containers.attach(container, wanted, { signal });
  const ended = containers.wait(container, { condition: "next-exit", signal });
  ended.catch(() => {});
  await containers.start(container, { signal });
  await containers.resize(container, size).catch(() => {});
  return {
    stream,
    resize: (wanted) => containers.resize(container, wanted),
    exitCode: async () => (await ended).StatusCode,
    leave: () => containers.remove(container, { force: true, volumes: true }),
  };
}

function words(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isWords =
      Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string");
    return isWords ? (value as string[]) : undefined;
  } catch {
    return undefined;
  }
}

function resizeOf(message: string): Size | undefined {
  const [, h, w] = /^\{"resize":\[(\d{1,5}),(\d{1,5})\]\}$/.exec(message) ?? [];
  const size = { h: Number(h), w: Number(w) };
  return isSize(size.h) && isSize(size.w) ? size : undefined;
}

function isSize(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 1000;
}
