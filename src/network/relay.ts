import { connect, type Socket } from "node:net";
import { SlipwayError } from "../errors.ts";
import { WorkerPool } from "../platform/worker.ts";
import { CONNECTED, type RelayRequest } from "./relay-request.ts";

/**
 * Connections from here into another network namespace: for an engine without root, which may enter the namespace of
 * its bridges but could not come back to the host's. A thread stays in there and opens them; bytes pass through a unix
 * socket. Dispose ends the thread and all connections.
 */
export class Relay implements AsyncDisposable {
  readonly #request: RelayRequest;
  readonly #workers = new WorkerPool("src/network/relay-worker.ts");
  readonly #ended = new AbortController();
  #ready: Promise<void> | undefined;

  constructor(request: RelayRequest) {
    this.#request = request;
  }

  /** Rejects when nobody listens there. */
  dial = (address: string, port: number): Promise<Socket> => this.#open("tcp", address, port);

  /** A stream of datagrams to there and back, each in a frame (`datagram-frames.ts`). */
  dialUdp = (address: string, port: number): Promise<Socket> => this.#open("udp", address, port);

  async #open(protocol: "tcp" | "udp", address: string, port: number): Promise<Socket> {
    this.#ready ??= this.#start();
    await this.#ready;
    const socket = connect({ path: this.#request.socket, allowHalfOpen: true });
    return await new Promise((resolve, reject) => {
      const fail = () => {
        socket.destroy();
        reject(new SlipwayError("unavailable", `Cannot connect to ${address}:${port} of a container`));
      };
      socket.once("error", fail);
      socket.once("end", fail);
      socket.once("close", fail);
      socket.once("connect", () => socket.write(`${protocol} ${address} ${port}\n`));
      const listen = () => {
        const answer = socket.read(1) as Buffer | null;
        if (answer === null) return;
        socket.off("readable", listen);
        for (const event of ["error", "end", "close"]) socket.off(event, fail);
        if (answer[0] === CONNECTED) resolve(socket);
        else fail();
      };
      socket.on("readable", listen);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#workers[Symbol.asyncDispose]();
  }

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const onOutput = () => resolve();
      this.#workers
        .run(this.#request, { signal: this.#ended.signal, input: forever(this.#ended.signal), onOutput })
        .catch(reject);
    });
  }
}

/** Nothing, until the signal. */
function forever(signal: AbortSignal): AsyncIterable<Uint8Array> {
  const ended = new Promise<IteratorReturnResult<undefined>>((resolve) => {
    signal.addEventListener("abort", () => resolve({ done: true, value: undefined }), { once: true });
  });
  return { [Symbol.asyncIterator]: () => ({ next: () => ended }) };
}
