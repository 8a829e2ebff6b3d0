import { ApiError, apiPath, type Query } from "./api.ts";

/**
 * A streamed answer, chunk by chunk, for as long as the engine sends. It comes over a web socket, for a browser opens
 * six connections to a host and no more, and those are for calls. Leaving the loop ends it. Throws {@link ApiError}.
 */
export async function* streamBytes(
  path: string,
  query: Query,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const target = apiPath(path, query).slice("/api".length);
  const socket = new WebSocket(`/ws/get?path=${encodeURIComponent(target)}`);
  socket.binaryType = "arraybuffer";
  const inbox = new Inbox(socket);
  const close = () => socket.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    yield* inbox.chunks();
  } finally {
    signal.removeEventListener("abort", close);
    socket.close();
  }
}

/** JSON documents of a streamed answer, one a line. */
export async function* streamLines<T>(path: string, query: Query, signal: AbortSignal): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of streamBytes(path, query, signal)) {
    const lines = (held + decoder.decode(chunk, { stream: true })).split("\n");
    held = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as T;
  }
}

/** The messages of a socket, in order: bytes, then how it ended. */
class Inbox {
  readonly #queue: Uint8Array<ArrayBuffer>[] = [];
  #error: ApiError | undefined;
  #isOver = false;
  #wake = () => {};

  constructor(socket: WebSocket) {
    socket.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (typeof data === "string") this.#end(lastWord(data));
      else this.#queue.push(new Uint8Array(data));
      this.#wake();
    });
    socket.addEventListener("close", () => {
      this.#end({ error: new ApiError(0, "offline", "The connection was lost") });
      this.#wake();
    });
  }

  async *chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) yield next;
      if (this.#isOver) break;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#error !== undefined) throw this.#error;
  }

  #end({ error }: { error?: ApiError | undefined }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
  }
}

/** `{"end":true}`, or `{"status","code","message"}`. */
function lastWord(text: string): { error?: ApiError } {
  const { end, status, code, message } = JSON.parse(text) as Record<string, unknown>;
  if (end === true) return {};
  return { error: new ApiError(Number(status), String(code), String(message)) };
}
