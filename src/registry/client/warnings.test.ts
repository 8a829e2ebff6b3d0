import { expect, test } from "bun:test";
import { onceEach, parseWarnings } from "./warnings.ts";

test("parseWarnings() takes texts of code 299, several in one header, without control characters", () => {
  const cases: [string | null, string[]][] = [
    [null, []],
    ["", []],
    [`299 - "goes away soon"`, ["goes away soon"]],
    [`299 - "one, two", 299 - "say \\"please\\""`, ["one, two", 'say "please"']],
    [`110 - "stale", 299 - "three"`, ["three"]],
    [`299 - "dated" "Wed, 21 Oct 2015 07:28:00 GMT"`, []],
    [`299 - "\u001b[31mred"`, ["[31mred"]],
    [`299 - "${"x".repeat(5000)}"`, []],
  ];
  for (const [header, texts] of cases) expect([header, parseWarnings(header)]).toEqual([header, texts]);
});

test("onceEach() tells the same only once", () => {
  const told: string[] = [];
  const tell = onceEach((line) => told.push(line));
  for (const host of ["a", "a", "b"]) tell(host, "soon");
  expect(told).toEqual(["a says: soon", "b says: soon"]);
});
