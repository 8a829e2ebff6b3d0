import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { UnixDatagram } from "../../platform/unix-datagram.ts";
import { errnoOf } from "../../platform/syscall-error.ts";
import type { SyslogTarget } from "./syslog-target.ts";

/** A way to a syslog daemon. Dispose closes it (idempotent). */
export interface SyslogSink extends Disposable {
  /** Resolves when the kernel has the message; waits while the daemon is behind. Rejects when the way is broken. */
  send(message: Buffer): Promise<void>;
}

const fullWaitMs = 5;

/** Opens the way; rejects when nobody is there, as far as the transport tells. Without a frame in datagrams, else a line each. */
export async function openSyslog(target: SyslogTarget, signal: AbortSignal): Promise<SyslogSink> {
  if (target.transport === "udp") return udpSink(target);
  if (target.transport === "tcp")
    return await streamSink({ host: target.host, port: target.port }, target, signal);
  try {
    return datagramSink(UnixDatagram.connect(target.host), signal);
  } catch (error) {
    if (errnoOf(error) !== "EPROTOTYPE") throw error;
    return await streamSink({ path: target.host }, target, signal);
  }
}

function datagramSink(socket: UnixDatagram, signal: AbortSignal): SyslogSink {
  return {
    send: async (message) => {
      while (!socket.send(message)) await sleep(fullWaitMs, undefined, { signal });
    },
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  };
}

function udpSink({ host, port }: SyslogTarget): SyslogSink {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4").unref();
  let isClosed = false;
  // A host that is not there says so by an answer to an earlier datagram, which nobody waits for.
  socket.on("error", () => undefined);
  return {
    send: (message) =>
      new Promise((resolve, reject) =>
        socket.send(message, port, host, (error) => (error ? reject(error) : resolve())),
      ),
    [Symbol.dispose]: () => {
      if (!isClosed) socket.close();
      isClosed = true;
    },
  };
}

async function streamSink(
  to: { host: string; port: number } | { path: string },
  { format }: SyslogTarget,
  signal: AbortSignal,
): Promise<SyslogSink> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect({ ...to, signal }, () => resolve(opened)).once("error", reject);
  });
  let broken: Error | undefined;
  socket.on("error", (error) => (broken = error));
  socket.on("close", () => (broken ??= new Error("the syslog daemon closed the connection")));
  socket.resume();
  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(broken);
        socket.write(framed(message, format), (error) => (error ? reject(error) : resolve()));
      }),
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** RFC 6587: of RFC 5424 the length first (section 3.4.1), of older ones a newline last (3.4.2). */
function framed(message: Buffer, format: SyslogTarget["format"]): Buffer {
  return format.startsWith("rfc5424")
    ? Buffer.concat([Buffer.from(`${message.length} `), message])
    : Buffer.concat([message, Buffer.from("\n")]);
}
