import { expect, test } from "bun:test";
import { compareManifests } from "./explain.ts";

test("compareManifests() names what was added, removed and changed", () => {
  const before = ["root\ta\tb", "644\th1\tsrc/a b.js", "644\th2\told", "644\th3\trun.sh"].join("\0");
  const after = ["root\ta\tb", "644\th9\tsrc/a b.js", "755\th3\trun.sh", "644\th4\tnew\twith tab"].join("\0");
  expect(compareManifests(before, after)).toEqual([
    "src/a b.js changed (content)",
    "run.sh changed (mode)",
    "new\twith tab added",
    "old removed",
  ]);
});
