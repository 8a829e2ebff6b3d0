import { expect, test } from "bun:test";
import { ansiSpans, plainText } from "./ansi.ts";

const plain = { color: undefined, background: undefined, look: "" };

test("ansiSpans() gives each piece its colours and look", () => {
  expect(ansiSpans("\u001b[1;32mok\u001b[0m done \u001b[38;5;196;48;2;1;2;3mx")).toEqual([
    { ...plain, text: "ok", color: "var(--ansi-green)", look: "ansi-b" },
    { ...plain, text: " done " },
    { ...plain, text: "x", color: "rgb(255 0 0)", background: "rgb(1 2 3)" },
  ]);
});

test("ansiSpans() takes out titles, cursor moves, bells and half sequences, and leaves markup as text", () => {
  const hostile = "\u001b]0;title\u0007\u001b[2J\u001b[10;10Ha\u0007b\u0000\u009b31m<b>\u001b";
  expect(plainText(hostile)).toBe("ab31m<b>");
});

test("ansiSpans() shows what stands after a carriage return", () => {
  expect(plainText("10 %\r50 %\r100 %\r")).toBe("100 %");
});
