import { errorMessage } from "../../errors.ts";
import { RemoteEngine } from "../../client/remote-engine.ts";
import type { AttachStream, Engine } from "../../engine/engine.ts";
import type { ServerSocket, SocketOpener, SocketSession } from "../../platform/server-socket.ts";
import type { WireAddress } from "../../platform/unix-fetch.ts";

export interface TerminalRequest {
  readonly container: string;
  readonly command: readonly string[];
  readonly user: string;
  /** rows, columns */
  readonly size: [number, number];
}

/** What a web socket for a terminal asks for: `/ws/exec?container=&command=JSON&user=&h=&w=`; undefined: nonsense. */
export function terminalRequest({ searchParams }: URL): TerminalRequest | undefined {
  const container = searchParams.get("container") ?? "";
  const size = ["h", "w"].map((name) => Number(searchParams.get(name)));
  const command = words(searchParams.get("command") ?? "");
  const [h = 24, w = 80] = size.map((value, at) => (isSize(value) ? value : [24, 80][at]));
  if (container === "" || command === undefined) return undefined;
  return { container, command, user: searchParams.get("user") ?? "", size: [h, w] };
}

/**
 * A process in a container with a terminal, behind a web socket: bytes are what is typed and what is shown, text is
 * `{"resize":[rows,columns]}` from the page and `{"exit":code}` or `{"error":"…"}` to it, before the end.
 */
export function terminal(address: WireAddress, request: TerminalRequest): SocketOpener {
  return (socket) => new TerminalSession(new RemoteEngine(address), request, socket);
}

class TerminalSession implements SocketSession {
  readonly #engine: Engine;
  readonly #socket: ServerSocket;
  readonly #left = new AbortController();
  readonly #started: Promise<{ id: string; stream: AttachStream } | undefined>;

  constructor(engine: Engine, request: TerminalRequest, socket: ServerSocket) {
    this.#engine = engine;
    this.#socket = socket;
    this.#started = this.#start(request);
    void this.#started.then((started) => started && this.#show(started.id, started.stream));
  }

  message(message: string | Uint8Array): void {
    void this.#started
      .then(async (started) => {
        if (started === undefined) return;
        if (typeof message !== "string") return await started.stream.write(message);
        const size = resizeOf(message);
        if (size !== undefined) await this.#engine.execs.resize(started.id, size);
      })
      .catch(() => {});
  }

  closed(): void {
    this.#left.abort();
    void this.#started.then((started) => started?.stream[Symbol.asyncDispose]());
  }

  async #start({ container, command, user, size }: TerminalRequest) {
    const { execs } = this.#engine;
    const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true };
    const env = ["TERM=xterm-256color"];
    try {
      const exec = { ...streams, Cmd: [...command], Env: env, User: user, ConsoleSize: size };
      const { Id: id } = await execs.create(container, exec, { signal: this.#left.signal });
      const stream = await execs.start(id, { tty: true, consoleSize: size, signal: this.#left.signal });
      return { id, stream };
    } catch (error) {
      await this.#end({ error: errorMessage(error) });
      return undefined;
    }
  }

  async #show(id: string, stream: AttachStream): Promise<void> {
    try {
      for await (const { data } of stream.output) await this.#socket.send(data);
      const { ExitCode } = await this.#engine.execs.inspect(id);
      await this.#end({ exit: ExitCode });
    } catch (error) {
      await this.#end({ error: errorMessage(error) });
    }
  }

  async #end(last: object): Promise<void> {
    await this.#socket.send(JSON.stringify(last));
    this.#socket.close(1000);
  }
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

function resizeOf(message: string): { h: number; w: number } | undefined {
  const [, h, w] = /^\{"resize":\[(\d{1,5}),(\d{1,5})\]\}$/.exec(message) ?? [];
  return isSize(Number(h)) && isSize(Number(w)) ? { h: Number(h), w: Number(w) } : undefined;
}

function isSize(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 1000;
}
