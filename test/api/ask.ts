/** One HTTP request over a unix socket, as it stands on the wire, and its whole answer. */
import { connect } from "node:net";

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON; text and bytes as they are, with the type in `headers`. */
  readonly body?: unknown;
}

export async function ask(socket: string, method: string, path: string, o: Ask = {}): Promise<Answer> {
  const isRaw = typeof o.body === "string" || o.body instanceof Uint8Array;
  const body = o.body === undefined ? "" : isRaw ? (o.body as string | Uint8Array) : JSON.stringify(o.body);
  const type = o.body !== undefined && !isRaw ? { "Content-Type": "application/json" } : {};
  const fields = Object.entries({ ...type, ...o.headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const client = connect({ path: socket, allowHalfOpen: true });
  client.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields.join("")}`);
  client.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`);
  client.write(body);
  const parts: Buffer[] = [];
  for await (const part of client) parts.push(part as Buffer);
  client.destroy();
  return parse(Buffer.concat(parts));
}

function parse(bytes: Buffer): Answer {
  const end = bytes.indexOf("\r\n\r\n");
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const rest = bytes.subarray(end + 4);
  const body = headers.get("transfer-encoding") === "chunked" ? unchunk(rest) : rest;
  return { status: Number(first.split(" ")[1]), headers, body: body.toString() };
}

function unchunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, end), 16);
    if (!(size > 0)) break;
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
