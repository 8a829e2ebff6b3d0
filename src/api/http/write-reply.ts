import { STATUS_CODES } from "./status.ts";
import type { RequestHead } from "./head.ts";
import type { HttpReply } from "./message.ts";
import type { SocketWriter } from "./socket-writer.ts";

const lineBreak = Buffer.from("\r\n");
/** bytes */
const largeChunk = 64 * 1024;

type Response = Extract<HttpReply, { kind: "response" }>;

/** `HTTP/1.1 200 OK` and its fields, with the empty line. Line breaks in values are refused by replacing them. */
export function formatHead(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => `${name}: ${value.replace(/[\r\n\0]+/g, " ")}\r\n`,
  );
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n`;
}

/**
 * Sends a response. Known bodies have a `Content-Length`; streams are chunked (or end with the connection for
 * HTTP/1.0). False when the connection cannot carry another request. When the stream fails the connection is left
 * without its last chunk, so that the client notices.
 */
export async function writeResponse(
  writer: SocketWriter,
  head: Pick<RequestHead, "method" | "minorVersion" | "keepAlive">,
  reply: Response,
  signal: AbortSignal,
): Promise<boolean> {
  const { body = "" } = reply;
  const bodiless = head.method === "HEAD" || reply.status === 204 || reply.status === 304;
  if (typeof body === "string" || body instanceof Uint8Array) {
    await writeFixed(writer, head, reply, Buffer.from(body as Uint8Array), bodiless);
    return head.keepAlive;
  }
  const chunked = head.minorVersion === 1;
  const framing = chunked ? { "Transfer-Encoding": "chunked" } : {};
  const keepAlive = head.keepAlive && chunked;
  const headers = { ...reply.headers, ...framing, ...connection(keepAlive) };
  const chunks = body[Symbol.asyncIterator]();
  try {
    await writer.write(formatHead(reply.status, reason(reply.status), headers));
    const whole = bodiless || (await writeChunks(writer, chunks, chunked, signal));
    return whole && keepAlive;
  } finally {
    // Not awaited: a source that is in the middle of a wait would hold up the end of the connection.
    void Promise.resolve(chunks.return?.()).catch(() => {});
  }
}

/** False when the client left before the end. */
async function writeChunks(
  writer: SocketWriter,
  chunks: AsyncIterator<Uint8Array>,
  chunked: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    const step = await nextUnlessAborted(chunks, signal);
    if (step === undefined) return false;
    if (step.done === true) break;
    if (step.value.length === 0) continue;
    if (chunked) await writeFrame(writer, step.value);
    else await writer.write(step.value);
  }
  if (chunked) await writer.write("0\r\n\r\n");
  return true;
}

/** Undefined when the signal aborts first. */
function nextUnlessAborted(
  chunks: AsyncIterator<Uint8Array>,
  signal: AbortSignal,
): Promise<IteratorResult<Uint8Array> | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    chunks
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
}

async function writeFixed(
  writer: SocketWriter,
  head: Pick<RequestHead, "keepAlive">,
  reply: Response,
  body: Buffer,
  bodiless: boolean,
): Promise<void> {
  const noLength = reply.status === 204 || reply.status === 304;
  const length = noLength ? {} : { "Content-Length": String(body.length) };
  const headers = { ...length, ...reply.headers, ...connection(head.keepAlive) };
  const start = Buffer.from(formatHead(reply.status, reason(reply.status), headers), "latin1");
  await writer.write(bodiless ? start : Buffer.concat([start, body]));
}

/** In one piece; a large chunk in three, as putting them together takes longer than sending them. */
async function writeFrame(writer: SocketWriter, chunk: Uint8Array): Promise<void> {
  const size = Buffer.from(`${chunk.length.toString(16)}\r\n`);
  if (chunk.length < largeChunk) return await writer.write(Buffer.concat([size, chunk, lineBreak]));
  for (const part of [size, chunk, lineBreak]) await writer.write(part);
}

function connection(keepAlive: boolean): Record<string, string> {
  return keepAlive ? {} : { Connection: "close" };
}

function reason(status: number): string {
  return STATUS_CODES[status] ?? "Unknown";
}
