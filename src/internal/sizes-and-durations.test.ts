import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { formatGoDuration, parseGoDuration } from "./go-duration.ts";
import { humanDuration } from "./human-duration.ts";
import { binarySize, humanSize } from "./human-size.ts";
import { parseSize, ramInBytes } from "./parse-size.ts";

const constants: Record<string, number> = {
  "time.Millisecond": 1,
  "time.Second": 1000,
  "time.Minute": 60_000,
  "time.Hour": 3_600_000,
};
for (const [index, unit] of ["K", "M", "G", "T", "P"].entries()) {
  constants[`${unit}B`] = 1000 ** (index + 1);
  constants[`${unit}iB`] = 1024 ** (index + 1);
}
constants.day = 24 * 3_600_000;
constants.week = 7 * constants.day;
constants.month = 30 * constants.day;
constants.year = 365 * constants.day;

/** Evaluates the tables' sums of products. */
function evaluate(text: string): number {
  const value = (factor: string): number => constants[factor] ?? Number(factor);
  return text
    .replace("float64(", "")
    .split("+")
    .reduce((sum, term) => sum + term.split("*").reduce((product, factor) => product * value(factor), 1), 0);
}

function table<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../test/data/go-units/${name}`, import.meta.url), "utf8")) as T;
}

interface Call {
  fn: "FromHumanSize" | "RAMInBytes" | "BytesSize" | "HumanSize";
  input?: string;
  expr?: string | null;
  error?: boolean;
  output?: string;
  args?: string;
}
const calls = table<Call[]>("go_units_calls.json");

test("parseSize() and ramInBytes() answer upstream's table", () => {
  for (const { fn, input, expr, error } of calls) {
    if (input === undefined) continue;
    const parse = fn === "FromHumanSize" ? parseSize : ramInBytes;
    if (error === true) expect(() => parse(input), input).toThrow(/^invalid (size|suffix): /);
    else if (expr === "int64(tmp)")
      expect(parse(input), input).toBe(Math.trunc(Number.parseFloat(input) * 1024 ** 2));
    else expect(parse(input), input).toBe(evaluate(expr ?? ""));
  }
});

test("humanSize() and binarySize() print upstream's table", () => {
  for (const { fn, output, args } of calls) {
    if (output === undefined) continue;
    expect((fn === "HumanSize" ? humanSize : binarySize)(evaluate(args ?? ""))).toBe(output);
  }
  expect(humanSize(0)).toBe("0B");
  expect(humanSize(7_833_211, 3)).toBe("7.83MB");
});

test("humanDuration() prints upstream's table", () => {
  for (const row of table<{ output: string; arg: string }[]>("go_units_duration.json"))
    expect(humanDuration(evaluate(row.arg)), row.arg).toBe(row.output);
});

test("parseGoDuration() reads what Go's time.ParseDuration reads", () => {
  expect(parseGoDuration("1m30s")).toBe(90e9);
  expect(parseGoDuration("1.5h")).toBe(5400e9);
  expect(parseGoDuration("-.5s")).toBe(-5e8);
  expect(parseGoDuration("+5s")).toBe(5e9);
  expect(parseGoDuration("0")).toBe(0);
  expect(parseGoDuration("1us2ns")).toBe(1002);
  for (const bad of [
    "",
    "3",
    "-",
    "s",
    ".",
    "-.",
    ".s",
    "3000000h",
    "1x",
    "1 s",
    "constructor",
    "1constructor",
  ])
    expect(() => parseGoDuration(bad), bad).toThrow(/^time: /);
});

test("formatGoDuration() writes what Go's Duration.String writes", () => {
  const written = [0, 1, 1100, 2_200_000, 3.3e9, 245e9, 245.001e9, 18367.001e9, 3600e9, -90e9];
  expect(written.map((value) => formatGoDuration(value))).toEqual(
    "0s 1ns 1.1µs 2.2ms 3.3s 4m5s 4m5.001s 5h6m7.001s 1h0m0s -1m30s".split(" "),
  );
});
