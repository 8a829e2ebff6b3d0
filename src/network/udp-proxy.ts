import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Socket as Stream } from "node:net";
import { FrameReader, frameOf } from "./datagram-frames.ts";
import type { ProxyTarget, Reservation } from "./reservation.ts";

/** A client that is silent for so long is forgotten, as by conntrack. */
const idleMs = 90_000;
/** bytes on their way to one client's container */
const mostWaiting = 1 << 20;
/** Clients at once; the one silent longest gives way. */
const maxClients = 1024;

/** Binds a UDP port and passes datagrams to `target` and back. Rejects with the system's error (`EADDRINUSE`, …). */
export async function listenUdp(host: string, port: number, target: ProxyTarget): Promise<Reservation> {
  const type = host === "" || host.includes(":") ? "udp6" : "udp4";
  const socket = createSocket({ type, ipv6Only: host === "::" });
  const clients = new Map<string, UdpClient>();
  socket.on("message", (data, from) => clientOf(clients, socket, target, from).send(data));
  await bound(socket, host === "" ? "::" : host, port);
  return {
    port: socket.address().port,
    close: async () => {
      for (const client of clients.values()) client.close();
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

interface UdpClient {
  send(data: Uint8Array): void;
  close(): void;
}

function clientOf(
  clients: Map<string, UdpClient>,
  front: Socket,
  target: ProxyTarget,
  from: RemoteInfo,
): UdpClient {
  const key = `${from.address} ${from.port}`;
  const known = clients.get(key);
  const client = known ?? openClient(front, target, from, () => clients.delete(key));
  // Insertion order is the order of last use.
  clients.delete(key);
  clients.set(key, client);
  if (clients.size > maxClients) clients.values().next().value?.close();
  return client;
}

function openClient(front: Socket, target: ProxyTarget, from: RemoteInfo, forget: () => void): UdpClient {
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    clearTimeout(timer);
    forget();
    back.close();
  };
  const timer = setTimeout(close, idleMs);
  timer.unref();
  const back = (target.dialUdp === undefined ? direct : dialled)(target, close, (data) => {
    timer.refresh();
    front.send(data, from.port, from.address);
  });
  return {
    send: (data) => {
      timer.refresh();
      back.send(data);
    },
    close,
  };
}

type Way = (target: ProxyTarget, onEnd: () => void, onAnswer: (data: Uint8Array) => void) => UdpClient;

const direct: Way = ({ address, port }, onEnd, onAnswer) => {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.on("error", onEnd);
  socket.on("message", onAnswer);
  return { send: (data) => socket.send(data, port, address), close: () => socket.close() };
};

/** What comes before the stream is open waits for it; what the stream cannot take at once is dropped, as by a full queue. */
const dialled: Way = ({ port, dialUdp }, onEnd, onAnswer) => {
  const frames = new FrameReader();
  let stream: Stream | undefined;
  let isClosed = false;
  const opening = dialUdp?.(port).then((opened) => {
    stream = opened;
    if (isClosed) return void opened.destroy();
    opened.on("error", onEnd).on("close", onEnd);
    opened.on("data", (chunk: Buffer) => frames.push(chunk).forEach(onAnswer));
  });
  opening?.catch(onEnd);
  return {
    send: (data) => {
      const write = () => {
        if (stream !== undefined && stream.writableLength < mostWaiting) stream.write(frameOf(data));
      };
      if (stream === undefined) opening?.then(write, () => undefined);
      else write();
    },
    close: () => {
      isClosed = true;
      stream?.destroy();
    },
  };
};

function bound(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      socket.on("error", () => undefined);
      resolve();
    });
  });
}
