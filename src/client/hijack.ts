import { connect, isIP, type Socket } from "node:net";
import { SlipwayError } from "../errors.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { WireAddress } from "../platform/unix-fetch.ts";
import { statusError } from "./status-error.ts";

const maxHead = 64 * 1024;

/** A connection that left HTTP. Iterate `input` once; dispose closes it (idempotent). */
export interface HijackedConnection extends AsyncDisposable {
  readonly contentType: string;
  readonly input: ByteStream;
  /** Resolves when the socket wants more. Throws `unavailable` when the connection is gone. */
  write(data: Uint8Array): Promise<void>;
  /** Ends our direction; the other one goes on. */
  closeWrite(): Promise<void>;
}

/**
 * Sends a request that turns its connection into a stream of bytes both ways (`Upgrade: tcp`). An aborted signal
 * closes the connection. Throws the engine's error when it refuses, `unavailable` when it does not answer.
 */
export async function hijack(
  address: WireAddress,
  path: string,
  body: string,
  o: CallOptions & { headers?: Readonly<Record<string, string>> } = {},
): Promise<HijackedConnection> {
  const dial = await dialer(address);
  o.signal?.throwIfAborted();
  const { socket, ready } = dial();
  const close = () => void socket.destroy();
  o.signal?.addEventListener("abort", close, { once: true });
  socket.once("close", () => o.signal?.removeEventListener("abort", close));
  try {
    await connected(socket, ready);
    socket.write(requestHead(path, body, o.headers ?? {}));
    return await upgraded(socket);
  } catch (error) {
    socket.destroy();
    o.signal?.throwIfAborted();
    throw error;
  }
}

function requestHead(path: string, body: string, headers: Readonly<Record<string, string>>): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (
    `POST ${path} HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nSlipway-Client: 1\r\n` +
    fields.join("") +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

interface Dialled {
  readonly socket: Socket;
  /** The event that says that it stands. */
  readonly ready: "connect" | "secureConnect";
}

/** Makes a connection at once when called, so that nobody misses its events: what it needs is loaded before. */
async function dialer(address: WireAddress): Promise<() => Dialled> {
  if ("socketPath" in address)
    return () => ({ socket: connect({ path: address.socketPath, allowHalfOpen: true }), ready: "connect" });
  const { host, port, tls } = address;
  if (tls === undefined)
    return () => ({ socket: connect({ host, port, allowHalfOpen: true }), ready: "connect" });
  const [{ connect: connectTls }, { tlsOptions }] = await Promise.all([
    import("node:tls"),
    import("../platform/unix-fetch.ts"),
  ]);
  const options = {
    host,
    port,
    ...(isIP(host) === 0 && { servername: host }),
    ...tlsOptions(tls),
    allowHalfOpen: true,
  };
  return () => ({ socket: connectTls(options), ready: "secureConnect" });
}

function connected(socket: Socket, ready: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(ready, () => resolve());
    socket.once("error", reject);
    socket.once("close", () =>
      reject(new SlipwayError("unavailable", "The connection to the engine was closed")),
    );
  });
}

async function upgraded(socket: Socket): Promise<HijackedConnection> {
  const chunks = socketChunks(socket);
  const { head, rest } = await readHead(chunks);
  const [statusLine = "", ...fields] = head.split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0);
  const headers = new Map(fields.map(splitField));
  if (status !== 101 && status !== 200) {
    const length = Number(headers.get("content-length") ?? 0);
    const body = await readBody(rest, chunks, Math.min(length, maxHead));
    throw statusError(status, headers.get("slipway-error-code") ?? null, body);
  }
  return connection(socket, headers.get("content-type") ?? "", prepend(rest, chunks));
}

function connection(socket: Socket, contentType: string, input: ByteStream): HijackedConnection {
  return {
    contentType,
    input,
    write: (data) => write(socket, data),
    closeWrite: () => new Promise((resolve) => (socket.destroyed ? resolve() : socket.end(() => resolve()))),
    [Symbol.asyncDispose]: async () => void socket.destroy(),
  };
}

async function write(socket: Socket, data: Uint8Array): Promise<void> {
  if (socket.destroyed || socket.writableEnded) {
    throw new SlipwayError("unavailable", "The connection to the engine is closed");
  }
  if (data.length === 0 || socket.write(data)) return;
  await new Promise<void>((resolve) => {
    const done = () => (socket.off("drain", done), socket.off("close", done), resolve());
    socket.on("drain", done);
    socket.on("close", done);
  });
}

/** What arrives, with backpressure; a broken connection ends it, as the engine's own end does. */
async function* socketChunks(socket: Socket): AsyncGenerator<Uint8Array> {
  const queue: Uint8Array[] = [];
  let [over, wake] = [false, () => {}];
  const finish = () => ((over = true), wake());
  socket.on("data", (chunk: Uint8Array) => {
    queue.push(chunk);
    if (queue.length > 16) socket.pause();
    wake();
  });
  socket.on("end", finish);
  socket.on("error", finish);
  socket.on("close", finish);
  for (;;) {
    for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
      if (queue.length < 8 && socket.isPaused()) socket.resume();
      yield chunk;
    }
    if (over) return;
    await new Promise<void>((resolve) => (wake = resolve));
  }
}

async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<{ head: string; rest: Uint8Array }> {
  let held: Buffer = Buffer.alloc(0);
  while (held.length < maxHead) {
    const step = await chunks.next();
    if (step.done === true) break;
    held = Buffer.concat([held, step.value]);
    const end = held.indexOf("\r\n\r\n");
    if (end >= 0) return { head: held.toString("latin1", 0, end), rest: held.subarray(end + 4) };
  }
  throw new SlipwayError("unavailable", "The engine closed the connection before it answered");
}

async function readBody(
  first: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
  length: number,
): Promise<string> {
  let held: Buffer = Buffer.from(first);
  while (held.length < length) {
    const step = await chunks.next();
    if (step.done === true) break;
    held = Buffer.concat([held, step.value]);
  }
  return held.toString("utf8");
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

async function* prepend(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (let step = await rest.next(); step.done !== true; step = await rest.next()) yield step.value;
}
