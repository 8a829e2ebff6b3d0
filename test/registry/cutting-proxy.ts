import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";

/** A TCP proxy that cuts or stalls connections after so many bytes, each cut used once. For tests. */
export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Cut when a connection has passed this many bytes to the server. */
  cutUp: number[] = [];
  /** Cut when a connection has passed this many bytes to the client. */
  cutDown: number[] = [];
  /** From this byte to the client on, pass nothing. */
  stallDown: number | undefined;
  cuts = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(targetPort: number): Promise<CuttingProxy> {
    const server = createServer();
    const proxy = new CuttingProxy(server);
    server.on("connection", (client) => proxy.#join(client, targetPort));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #join(client: Socket, targetPort: number): void {
    const target = connect(targetPort, "127.0.0.1");
    const end = (): void => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      this.#sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
    this.#pump(client, target, "cutUp", end);
    this.#pump(target, client, "cutDown", end);
  }

  #pump(from: Socket, to: Socket, cuts: "cutUp" | "cutDown", end: () => void): void {
    let passed = 0;
    from.on("data", (data) => {
      passed += data.length;
      const cut = this[cuts][0];
      if (cut !== undefined && passed >= cut) {
        this[cuts].shift();
        this.cuts += 1;
        to.write(data.subarray(0, data.length - (passed - cut)), end);
        from.pause();
        return;
      }
      if (cuts === "cutDown" && this.stallDown !== undefined && passed > this.stallDown) return;
      if (!to.write(data)) {
        from.pause();
        to.once("drain", () => from.resume());
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
