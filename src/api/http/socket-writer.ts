import type { Socket } from "node:net";
import { SlipwayError } from "../../errors.ts";

/** Push side of a socket: a write resolves when the socket wants more, and throws `cancelled` when it is gone. */
export class SocketWriter {
  readonly #socket: Socket;
  #gone = false;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("drain", () => this.#wakeUp());
    socket.on("close", () => this.close());
    socket.on("error", () => this.close());
  }

  /** Nothing can be written any more: those who wait learn it. */
  close(): void {
    this.#gone = true;
    this.#wakeUp();
  }

  async write(chunk: string | Uint8Array): Promise<void> {
    this.#check();
    if (chunk.length === 0 || this.#socket.write(chunk)) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#check();
  }

  /** Ends our direction after everything was sent. */
  async end(): Promise<void> {
    if (this.#gone || this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.end(() => resolve());
    });
  }

  #check(): void {
    if (this.#gone || this.#socket.destroyed) {
      throw new SlipwayError("cancelled", "The client closed the connection");
    }
  }

  #wakeUp(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
