import { expect, test } from "bun:test";
import { listenHttp } from "./listen.ts";
import type { ByteDuplex } from "./message.ts";
import { readFrames } from "./websocket-frames.ts";
import { websocketReply } from "./websocket.ts";

async function serve(run: (duplex: ByteDuplex) => Promise<void>) {
  return await listenHttp({
    address: { host: "127.0.0.1", port: 0 },
    handler: async (request) => {
      request.allowHalfClose();
      return websocketReply(request, run);
    },
  });
}

test("websocketReply() carries bytes both ways and closes when the work ends", async () => {
  await using server = await serve(async ({ input, write }) => {
    let seen = 0;
    for await (const chunk of input) {
      seen += chunk.length;
      if (seen === 300_000 + 3) break;
    }
    await write(Buffer.from(`got ${seen}`));
    await write(Buffer.alloc(70_000, "x"));
  });
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  socket.binaryType = "arraybuffer";
  const lengths: (number | string)[] = [];
  const closed = new Promise<number>((resolve) =>
    socket.addEventListener("close", ({ code }) => resolve(code)),
  );
  socket.addEventListener("open", () => {
    socket.send("abc");
    socket.send(new Uint8Array(300_000));
  });
  socket.addEventListener("message", ({ data }) => {
    const bytes = Buffer.from(data as ArrayBuffer);
    lengths.push(bytes.length > 100 ? bytes.length : bytes.toString());
  });
  expect(await closed).toBe(1000);
  expect(lengths).toEqual(["got 300003", 70_000]);
});

test("websocketReply() ends the input when the client closes", async () => {
  const ended = Promise.withResolvers<void>();
  await using server = await serve(async ({ input }) => {
    for await (const _chunk of input);
    ended.resolve();
  });
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  socket.addEventListener("open", () => socket.close());
  await ended.promise;
});

test("websocketReply() refuses what is no handshake", () => {
  const headers = new Map([["upgrade", "tcp"]]);
  expect(() => websocketReply({ headers }, async () => {})).toThrow("not a websocket handshake");
});

test("readFrames() refuses frames that a client may not send", async () => {
  const read = async (...bytes: number[]) => {
    async function* source() {
      yield Uint8Array.from(bytes);
    }
    try {
      for await (const _part of readFrames(source()));
    } catch (error) {
      return String(error);
    }
    return "fine";
  };
  expect(await read(0x82, 0x01, 0x41)).toContain("not masked");
  expect(await read(0x83, 0x81, 0, 0, 0, 0, 1)).toContain("unknown operation");
  expect(await read(0x89, 0xfe, 0, 126, 0, 0, 0, 0)).toContain("long control frame");
  expect(await read(0x82, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0)).toContain("too long");
  expect(await read(0x82, 0x85, 0, 0, 0, 0, 1)).toContain("ends early");
});
