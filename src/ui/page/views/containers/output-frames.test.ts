import { expect, test } from "bun:test";
import { outputDecoder } from "./output-frames.ts";

function frame(stream: number, text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [stream, 0, 0, 0, 0, 0, bytes.length >> 8, bytes.length & 255, ...bytes];
}

test("outputDecoder() takes frames apart however they are cut", () => {
  const whole = Uint8Array.from([...frame(1, "héllo\n"), ...frame(2, "err\n"), ...frame(1, "x")]);
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const decode = outputDecoder(false);
    const texts = [...decode(whole.subarray(0, cut)), ...decode(whole.subarray(cut))];
    const of = (isError: boolean) =>
      texts
        .filter((text) => text.isError === isError)
        .map(({ text }) => text)
        .join("");
    expect([of(false), of(true)]).toEqual(["héllo\nx", "err\n"]);
  }
});

test("outputDecoder() passes on what comes from a terminal", () => {
  const decode = outputDecoder(true);
  expect(decode(new TextEncoder().encode("a\r\n"))).toEqual([{ text: "a\r\n", isError: false }]);
});
