import { expect, test } from "bun:test";
import { noTrace, printingTrace, spanLine } from "./trace.ts";

test("printingTrace() prints a part when it ends, and passes on what it gives", async () => {
  const lines: string[] = [];
  const trace = printingTrace((line) => lines.push(line));
  expect(trace.span("sum", () => 1 + 1)).toBe(2);
  const slow = trace.span("slow", async () => "done");
  expect(lines).toHaveLength(1);
  expect(await slow).toBe("done");
  expect(lines.map((line) => line.replace(/^[\d:.]+ +[\d.]+ ms {2}/, ""))).toEqual(["sum", "slow"]);
});

test("printingTrace() prints parts that fail", async () => {
  const lines: string[] = [];
  const trace = printingTrace((line) => lines.push(line));
  const fail = () => {
    throw new Error("no");
  };
  expect(() => trace.span("at once", fail)).toThrow("no");
  await expect(trace.span("later", async () => fail())).rejects.toThrow("no");
  expect(lines).toHaveLength(2);
});

test("noTrace does the work alone", () => {
  expect(noTrace.span("x", () => 7)).toBe(7);
});

test("spanLine() shows clock, milliseconds and name", () => {
  expect(spanLine("mount", 0, 12.34)).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {4}12\.3 ms {2}mount$/);
});
