import type { Socket } from "node:net";
import { SlipwayError } from "../../errors.ts";

const highWater = 1024 * 1024;

/**
 * Pull side of a socket: chunks wait in a queue of at most about 1 MiB, then the socket is paused. The end of the
 * client's direction and the loss of the connection are told apart.
 */
export class SocketReader {
  readonly #socket: Socket;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #closed = false;
  #paused = false;
  #waiting: (() => void)[] = [];
  /** Called once when the client ends its direction. */
  onEnd: (() => void) | undefined;
  /** Called once when the connection is gone. */
  onClose: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => this.#push(chunk));
    socket.on("end", () => this.#finish(false));
    socket.on("close", () => this.#finish(true));
    socket.on("error", () => this.#finish(true));
  }

  get ended(): boolean {
    return this.#ended;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The next bytes; undefined at the end of the client's direction. Throws `cancelled` when the connection broke. */
  async read(): Promise<Uint8Array | undefined> {
    while (this.#queue.length === 0) {
      if (this.#ended) return undefined;
      if (this.#closed) throw new SlipwayError("cancelled", "The client closed the connection");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const chunk = this.#queue.shift();
    this.#queued -= chunk?.length ?? 0;
    if (this.#paused && this.#queued < highWater / 2) {
      this.#paused = false;
      this.#socket.resume();
    }
    return chunk;
  }

  /** Puts bytes back that belong to the next reader. */
  unread(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#queue.unshift(chunk);
    this.#queued += chunk.length;
  }

  #push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
    this.#queued += chunk.length;
    if (this.#queued >= highWater && !this.#paused) {
      this.#paused = true;
      this.#socket.pause();
    }
    this.#wakeUp();
  }

  #finish(gone: boolean): void {
    if (gone && !this.#closed) {
      this.#closed = true;
      this.onClose?.();
    } else if (!gone && !this.#ended) {
      this.#ended = true;
      this.onEnd?.();
    }
    this.#wakeUp();
  }

  #wakeUp(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
