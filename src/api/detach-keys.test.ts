import { expect, test } from "bun:test";
import { DetachWatch, parseDetachKeys } from "./detach-keys.ts";

const typed = (watch: DetachWatch, text: string) => {
  const { data, detached } = watch.feed(Buffer.from(text));
  return [Buffer.from(data).toString(), detached];
};

test("parseDetachKeys() reads keys and control keys", () => {
  expect([...parseDetachKeys("ctrl-p,ctrl-q")]).toEqual([16, 17]);
  expect([...parseDetachKeys("a,ctrl-@,ctrl-\\")]).toEqual([97, 0, 28]);
  for (const bad of ["", "ctrl-", "ctrl-A", "ab", "ctrl-p,,q"])
    expect(() => parseDetachKeys(bad)).toThrow("invalid detach keys");
});

test("DetachWatch finds the sequence within and across chunks", () => {
  expect(typed(new DetachWatch(Uint8Array.of(16, 17)), "ab\x10\x11cd")).toEqual(["ab", true]);
  const watch = new DetachWatch(Uint8Array.of(16, 17));
  expect(typed(watch, "ab\x10")).toEqual(["ab", false]);
  expect(typed(watch, "\x11")).toEqual(["", true]);
});

test("DetachWatch passes on what only began like the sequence", () => {
  const watch = new DetachWatch(Uint8Array.of(16, 17));
  expect(typed(watch, "\x10x")).toEqual(["\x10x", false]);
  expect(typed(watch, "\x10\x10")).toEqual(["\x10", false]);
  expect(typed(watch, "y")).toEqual(["\x10y", false]);
});
