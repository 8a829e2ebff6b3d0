import type { Socket } from "node:net";
import { errorMessage, isCode } from "../../errors.ts";
import type { RequestHead } from "./head.ts";
import type { ByteDuplex, HttpHandler, HttpReply, HttpRequest } from "./message.ts";
import { readHead } from "./read-head.ts";
import { RequestBody } from "./request-body.ts";
import { SocketReader } from "./socket-reader.ts";
import { SocketWriter } from "./socket-writer.ts";
import { formatHead, writeResponse } from "./write-reply.ts";

const drainLimit = 256 * 1024;
const lingerMs = 2000;

export interface ConnectionOptions {
  readonly handler: HttpHandler;
  /** How long a request head may take once its first byte came, and a body that nobody reads any more, in ms. */
  readonly headTimeoutMs: number;
  /** Ends the connection once its request is answered; running requests are aborted. */
  readonly signal: AbortSignal;
}

type Hijack = Extract<HttpReply, { kind: "hijack" }>;

/** Serves one client until it or we close the connection. Never rejects. */
export async function serveConnection(socket: Socket, options: ConnectionOptions): Promise<void> {
  const connection = new Connection(socket, options);
  try {
    while (await connection.serveOne());
  } catch {
    // The client is gone or the stream it was sent failed: closing the connection tells it.
  } finally {
    socket.destroy();
  }
}

class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader: SocketReader;
  readonly #writer: SocketWriter;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new SocketReader(socket);
    this.#writer = new SocketWriter(socket);
  }

  /** True when the connection can carry another request. */
  async serveOne(): Promise<boolean> {
    const head = await this.#head();
    if (head === undefined) return false;
    const gone = new AbortController();
    const stop = () => gone.abort(this.#options.signal.reason);
    this.#options.signal.addEventListener("abort", stop, { once: true });
    if (this.#options.signal.aborted) stop();
    try {
      return await this.#answer(head, gone);
    } finally {
      this.#options.signal.removeEventListener("abort", stop);
      this.#reader.onEnd = undefined;
      this.#reader.onClose = undefined;
    }
  }

  async #answer(head: RequestHead, gone: AbortController): Promise<boolean> {
    const body = new RequestBody(head.framing, this.#reader, () => {
      if (head.expectsContinue) void this.#writer.write("HTTP/1.1 100 Continue\r\n\r\n").catch(() => {});
    });
    const request = this.#request(head, body, gone);
    const reply = await this.#options.handler(request);
    if (reply.kind === "hijack") {
      await this.#hijack(head, body, reply, gone.signal);
      return false;
    }
    const keepAlive = await writeResponse(this.#writer, head, reply, gone.signal);
    return await this.#finish(head, body, keepAlive);
  }

  /** What the client still sends of this request must not be taken for the next one. */
  async #finish(head: RequestHead, body: RequestBody, keepAlive: boolean): Promise<boolean> {
    const waitsForContinue = head.expectsContinue && !body.finished;
    const drained =
      body.finished || (!waitsForContinue && (await body.drain(drainLimit, this.#options.headTimeoutMs)));
    if (keepAlive && drained && !this.#options.signal.aborted) return true;
    await this.#close();
    return false;
  }

  #request(head: RequestHead, body: RequestBody, gone: AbortController): HttpRequest {
    const abort = () => gone.abort();
    this.#reader.onClose = abort;
    this.#reader.onEnd = abort;
    if (this.#reader.closed) abort();
    return {
      method: head.method,
      path: head.path,
      query: new URLSearchParams(head.query),
      headers: head.headers,
      body,
      signal: gone.signal,
      allowHalfClose: () => (this.#reader.onEnd = undefined),
    };
  }

  async #head(): Promise<RequestHead | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const { headTimeoutMs, signal } = this.#options;
    const stopIdle = () => this.#socket.destroy();
    signal.addEventListener("abort", stopIdle, { once: true });
    try {
      return await readHead(this.#reader, () => {
        timer = setTimeout(() => this.#socket.destroy(), headTimeoutMs);
      });
    } catch (error) {
      await this.#refuse(error);
      return undefined;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stopIdle);
    }
  }

  async #refuse(error: unknown): Promise<void> {
    const status = isCode(error, "resource_exhausted") ? 431 : 400;
    const reply = {
      kind: "response",
      status,
      headers: { "Content-Type": "application/json" },
      body: `${JSON.stringify({ message: errorMessage(error) })}\n`,
    } as const;
    await writeResponse(
      this.#writer,
      { method: "GET", minorVersion: 1, keepAlive: false },
      reply,
      this.#options.signal,
    );
    await this.#close();
  }

  async #hijack(head: RequestHead, body: RequestBody, reply: Hijack, signal: AbortSignal): Promise<void> {
    this.#reader.onEnd = undefined;
    if (head.framing.kind === "length" && !(await body.drain(drainLimit, this.#options.headTimeoutMs)))
      return;
    const start = hijackHead(head, reply);
    // A client that is gone by now is noticed by `run`, which has streams to let go of.
    await this.#writer.write(start).catch(() => {});
    const duplex: ByteDuplex = {
      input: readAll(this.#reader),
      write: (chunk) => this.#writer.write(chunk),
      signal,
    };
    await reply.run(duplex);
    await this.#close();
  }

  /** Ends our direction and reads what is on its way, so that closing resets nothing the client has yet to read. */
  async #close(): Promise<void> {
    const timer = setTimeout(() => this.#socket.destroy(), lingerMs);
    try {
      await this.#writer.end();
      while ((await this.#reader.read()) !== undefined);
    } catch {
      // Gone already, which is what we wait for.
    } finally {
      clearTimeout(timer);
    }
  }
}

function hijackHead(head: RequestHead, reply: Hijack): string {
  const { headers, contentType, switching } = reply;
  if (switching !== undefined) return formatHead(101, "Switching Protocols", { ...headers, ...switching });
  if (head.upgrade === undefined)
    return formatHead(200, "OK", { ...headers, "Content-Type": plainType(head, reply) });
  const upgrade = { "Content-Type": contentType, Connection: "Upgrade", Upgrade: head.upgrade };
  return formatHead(101, "UPGRADED", { ...headers, ...upgrade });
}

/** Docker names every stream that was not upgraded a raw one. Who asks for frames is told whether they come. */
function plainType(head: RequestHead, { contentType }: Hijack): string {
  const asked = head.headers.get("accept") === contentType;
  return asked ? contentType : "application/vnd.docker.raw-stream";
}

async function* readAll(reader: SocketReader): AsyncGenerator<Uint8Array> {
  for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) yield chunk;
}
