import { expect, test } from "bun:test";
import { FrameReader, frameOf } from "./datagram-frames.ts";

test("FrameReader gives back what frameOf() framed, however the stream is cut", () => {
  const datagrams = ["", "a", "x".repeat(300), "last"].map((text) => Buffer.from(text));
  const stream = Buffer.concat(datagrams.map(frameOf));
  for (const size of [1, 2, 3, 7, 1000]) {
    const reader = new FrameReader();
    const found: string[] = [];
    for (let at = 0; at < stream.length; at += size)
      found.push(...reader.push(stream.subarray(at, at + size)).map(String));
    expect(found).toEqual(datagrams.map(String));
  }
});
