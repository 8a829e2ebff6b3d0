import { errorMessage } from "../../errors.ts";
import type { ServerSocket, SocketOpener, SocketSession } from "../../platform/server-socket.ts";
import { unixFetch } from "../../platform/unix-fetch.ts";
import { engineHeaders, type EngineLine } from "./engine-line.ts";

const maxError = 64 << 10;
const fullBatch = 64 << 10;
const batchMs = 4;

/**
 * A GET of the engine whose answer streams, over a web socket: bytes as they come, then one text, `{"end":true}` or
 * `{"status","code","message"}`. A browser opens only six connections to a host, of which streams would take all.
 */
export function stream(engine: EngineLine, path: string): SocketOpener {
  return (socket) => new StreamSession(engine, path, socket);
}

class StreamSession implements SocketSession {
  readonly #socket: ServerSocket;
  readonly #left = new AbortController();

  constructor(engine: EngineLine, path: string, socket: ServerSocket) {
    this.#socket = socket;
    void this.#run(engine, path);
  }

  /** The page has nothing to say. */
  message(): void {}

  closed(): void {
    this.#left.abort();
  }

  async #run(engine: EngineLine, path: string): Promise<void> {
    const last = await this.#follow(engine, path).catch((error: unknown) => ({
      status: 502,
      code: "engine_away",
      message: `The engine does not answer: ${errorMessage(error)}`,
    }));
    if (this.#left.signal.aborted) return;
    await this.#socket.send(JSON.stringify(last));
    this.#socket.close(1000);
  }

  async #follow(engine: EngineLine, path: string): Promise<object> {
    const { signal } = this.#left;
    const answer = await unixFetch(engine.address, {
      method: "GET",
      path,
      headers: engineHeaders(engine),
      signal,
    });
    if (answer.status >= 200 && answer.status < 300) {
      const batch = new Batch(this.#socket);
      for await (const chunk of answer.body) await batch.add(chunk);
      await batch.flush();
      return { end: true };
    }
    const code = answer.headers.get("slipway-error-code") ?? "internal";
    return { status: answer.status, code, message: messageOf(await text(answer.body)) };
  }
}

/** The engine sends a line at a time: many small pieces go as one message, none later than a moment after it came. */
class Batch {
  readonly #socket: ServerSocket;
  #held: Uint8Array[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: ServerSocket) {
    this.#socket = socket;
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#held.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= fullBatch) await this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), batchMs);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#size === 0) return;
    const message = Buffer.concat(this.#held);
    this.#held = [];
    this.#size = 0;
    await this.#socket.send(message);
  }
}

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > maxError) break;
  }
  return Buffer.concat(parts).toString("utf8");
}

function messageOf(body: string): string {
  try {
    return String((JSON.parse(body) as { message?: unknown }).message);
  } catch {
    return body.slice(0, 500);
  }
}
