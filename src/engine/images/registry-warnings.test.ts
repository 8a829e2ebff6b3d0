import { expect, test } from "bun:test";
import { reportWarnings } from "./registry-warnings.ts";

test("reportWarnings() tells each warning once, and none before the work's first line", () => {
  const lines: unknown[] = [];
  const { report, onWarning } = reportWarnings((line) => lines.push(line.status));
  onWarning("a", "soon");
  onWarning("a", "soon");
  expect(lines).toEqual([]);
  report({ status: "Pulling" });
  onWarning("a", "later");
  expect(lines).toEqual(["Pulling", "WARNING: a says: soon", "WARNING: a says: later"]);
});
