import { expect, test } from "bun:test";
import { ReplayStream } from "./replay-stream.ts";

async function* letters(): AsyncGenerator<Uint8Array> {
  for (const part of ["abc", "def", "ghi", "jkl"]) yield Buffer.from(part);
}

async function text(stream: AsyncIterable<Uint8Array>, parts = Infinity): Promise<string> {
  let found = "";
  let count = 0;
  for await (const part of stream) {
    found += Buffer.from(part).toString();
    count += 1;
    if (count === parts) break;
  }
  return found;
}

test("ReplayStream gives the whole, and again from what it kept", async () => {
  await using stream = new ReplayStream(letters(), 100);
  expect(await text(stream.from(0), 2)).toBe("abcdef");
  expect(await text(stream.from(4), 2)).toBe("efghi");
  expect(await text(stream.from(0))).toBe("abcdefghijkl");
  expect(await text(stream.from(12))).toBe("");
});

test("ReplayStream keeps no more than its window needs", async () => {
  await using stream = new ReplayStream(letters(), 5);
  expect(await text(stream.from(0))).toBe("abcdefghijkl");
  expect(await text(stream.from(7))).toBe("hijkl");
  await expect(text(stream.from(3))).rejects.toMatchObject({ code: "unavailable" });
  await expect(text(stream.from(13))).rejects.toMatchObject({ code: "unavailable" });
});

test("ReplayStream ends its source when disposed", async () => {
  let ended = false;
  async function* source() {
    try {
      for (;;) yield Buffer.from("x");
    } finally {
      ended = true;
    }
  }
  const stream = new ReplayStream(source(), 10);
  await text(stream.from(0), 3);
  await stream[Symbol.asyncDispose]();
  await stream[Symbol.asyncDispose]();
  expect(ended).toBe(true);
});
