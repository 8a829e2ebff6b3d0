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
  const { address, port, dial } = target;
  if (dial !== undefined) return forwardLater(client, dial(port), open);
  const server = connect({ host: address, port, allowHalfOpen: true });
  tie(client, server, open);
  server.once("connect", () => join(client, server));
}

/** The client waits, unread, until there is somebody to pass it on to. */
function forwardLater(client: Socket, dialling: Promise<Socket>, open: Set<Socket>): void {
  open.add(client);
  const forget = () => open.delete(client);
  client.once("error", () => client.destroy());
  client.once("close", forget);
  dialling.then(
    (server) => {
      tie(client, server, open);
      if (client.destroyed) server.destroy();
      else join(client, server);
    },
    () => client.resetAndDestroy(),
  );
}

/** Both end when one fails. */
function tie(client: Socket, server: Socket, open: Set<Socket>): void {
  const sockets = [client, server];
  const end = (): void => sockets.forEach((socket) => socket.destroy());
  for (const socket of sockets) {
    open.add(socket);
    socket.setNoDelay(true);
    socket.once("error", end);
    socket.once("close", () => open.delete(socket));
  }
}

function join(client: Socket, server: Socket): void {
  client.pipe(server);
  server.pipe(client);
  client.resume();
}
