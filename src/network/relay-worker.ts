/** The worker that opens connections in another network namespace (one of `workerEntrypoints`). */
import { createSocket } from "node:dgram";
import { connect, createServer, type Server, type Socket } from "node:net";
import { rmSync } from "node:fs";
import { enterNetns } from "../platform/netns.ts";
import { serveTasks, type TaskIo } from "../platform/worker-serve.ts";
import { FrameReader, frameOf } from "./datagram-frames.ts";
import { CONNECTED, type RelayRequest } from "./relay-request.ts";

serveTasks<RelayRequest>(serve);

/** Until it is aborted. The first output says that it listens. */
async function serve({ netns, socket }: RelayRequest, io: TaskIo): Promise<void> {
  enterNetns(netns);
  rmSync(socket, { force: true });
  const server = createServer({ allowHalfOpen: true }, answer);
  try {
    await listening(server, socket);
    await io.write(Uint8Array.of(CONNECTED));
    for await (const _nothing of io.input);
  } finally {
    server.close();
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve();
    });
  });
}

/** A line `tcp|udp ADDRESS PORT` comes first, and nothing behind it before the answer. */
function answer(client: Socket): void {
  let line = "";
  client.on("error", () => client.destroy());
  const read = (data: Buffer) => {
    line += data.toString("latin1");
    if (!line.endsWith("\n")) return;
    client.off("data", read);
    client.pause();
    const [protocol, host = "", port = ""] = line.trim().split(" ");
    if (protocol === "udp") forwardDatagrams(client, host, Number(port));
    else forward(client, connect({ host, port: Number(port), allowHalfOpen: true }));
  };
  client.on("data", read);
}

/** In frames, until the client ends it. A container that does not listen costs the datagram alone. */
function forwardDatagrams(client: Socket, host: string, port: number): void {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const frames = new FrameReader();
  socket.on("error", () => undefined);
  socket.on("message", (datagram) => void client.write(frameOf(datagram)));
  client.on("data", (chunk: Buffer) => {
    for (const datagram of frames.push(chunk)) socket.send(datagram, port, host);
  });
  client.once("close", () => socket.close());
  client.once("end", () => client.destroy());
  client.write(Uint8Array.of(CONNECTED));
  client.resume();
}

/** Who fails to connect is told so by the end of the connection. */
function forward(client: Socket, server: Socket): void {
  const end = () => [client, server].forEach((socket) => socket.destroy());
  for (const socket of [client, server]) socket.once("error", end);
  server.setNoDelay(true);
  server.once("connect", () => {
    client.write(Uint8Array.of(CONNECTED));
    client.pipe(server);
    server.pipe(client);
  });
}
