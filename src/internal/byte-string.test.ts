import { expect, test } from "bun:test";
import { compareBytes, decodeBytes, encodeBytes } from "./byte-string.ts";

test("decodeBytes() keeps valid UTF-8 as text", () => {
  expect(decodeBytes(Buffer.from("한국어 é 😀"))).toBe("한국어 é 😀");
});

test("encodeBytes() gives back every byte that decodeBytes() was given", () => {
  const samples = [
    Buffer.from([0x68, 0x69, 0x80, 0x81, 0x82, 0x83, 0x62]),
    Buffer.from([0xed, 0xb2, 0x80]),
    Buffer.from([0xff, 0xc3, 0xa9, 0xc3]),
    Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
    Buffer.from([0xef, 0xbb, 0xbf, 0x41, 0xff]),
  ];
  for (const bytes of samples) expect(Buffer.from(encodeBytes(decodeBytes(bytes)))).toEqual(bytes);
});

test("compareBytes() orders as the bytes do", () => {
  expect(compareBytes("\u{1f600}", "\uffee")).toBe(1);
  expect(compareBytes("a", "b")).toBe(-1);
});
