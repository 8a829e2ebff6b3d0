import { connect, createServer, type Server, type Socket } from "node:net";
import type { ProxyTarget, Reservation } from "./reservation.ts";

/** Binds a TCP port and hands its connections to `target`. Rejects with the system's error (`EADDRINUSE`, …). */
export async function listenTcp(host: string, port: number, target: ProxyTarget): Promise<Reservation> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    forward(client, target, open);
  });
  await listening(server, host, port);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // An explicit "::" takes IPv6 alone; the empty host takes both families with one socket.
    server.listen({ host: host === "" ? "::" : host, port, ipv6Only: host === "::", exclusive: true }, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve();
    });
  });
}

function forward(client: Socket, target: ProxyTarget, open: Set<Socket>): void {
  const server = connect({ host: target.address, port: target.port, allowHalfOpen: true });
  const sockets = [client, server];
  const end = (): void => sockets.forEach((socket) => socket.destroy());
  for (const socket of sockets) {
    open.add(socket);
    socket.setNoDelay(true);
    socket.once("error", end);
    socket.once("close", () => open.delete(socket));
  }
  server.once("connect", () => {
    client.pipe(server);
    server.pipe(client);
    client.resume();
  });
}
