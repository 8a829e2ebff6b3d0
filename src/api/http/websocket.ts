import { createHash } from "node:crypto";
import { SlipwayError } from "../../errors.ts";
import type { ByteDuplex, HttpReply, HttpRequest } from "./message.ts";
import { readFrames, writeFrame } from "./websocket-frames.ts";

const CLOSE = 8;
const PING = 9;
const PONG = 10;
const BINARY = 2;
const NORMAL = Uint8Array.of(0x03, 0xe8);

/**
 * Answers a websocket handshake (RFC 6455 section 4.2) and joins both ends as streams of bytes: what the client's
 * messages hold, and one binary message for each chunk written. Pings are answered, and the close is said on both
 * sides. Throws `invalid_argument` when the request is no handshake.
 */
export function websocketReply(
  request: Pick<HttpRequest, "headers">,
  run: (duplex: ByteDuplex) => Promise<void>,
): HttpReply {
  const key = handshakeKey(request);
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return {
    kind: "hijack",
    contentType: "application/octet-stream",
    switching: { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": accept },
    run: async (raw) => {
      await run({
        input: messages(raw),
        write: (chunk) => writeFrame(raw, BINARY, chunk),
        signal: raw.signal,
      });
      await writeFrame(raw, CLOSE, NORMAL).catch(() => {});
    },
  };
}

/** Before streams are opened that nobody would read. Throws as {@link websocketReply}. */
export function checkHandshake(request: Pick<HttpRequest, "headers">): void {
  handshakeKey(request);
}

function handshakeKey({ headers }: Pick<HttpRequest, "headers">): string {
  const asked = (headers.get("upgrade") ?? "").toLowerCase() === "websocket";
  const key = headers.get("sec-websocket-key") ?? "";
  if (!asked || !/^[+/0-9A-Za-z]{22}==$/.test(key) || headers.get("sec-websocket-version") !== "13") {
    throw new SlipwayError("invalid_argument", "Bad request: not a websocket handshake of version 13");
  }
  return key;
}

/** The bytes of the client's messages, until it closes. */
async function* messages(raw: ByteDuplex): AsyncGenerator<Uint8Array> {
  for await (const { opcode, data } of readFrames(raw.input)) {
    if (opcode === CLOSE) return;
    if (opcode === PING) await writeFrame(raw, PONG, data);
    else if (opcode !== PONG && data.length > 0) yield data;
  }
}
