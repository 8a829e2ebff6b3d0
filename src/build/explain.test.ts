import { expect, test } from "bun:test";
import { compareManifests, explainMiss } from "./explain.ts";
import type { KeyPart } from "./op-handler.ts";
import { cacheKeyOf } from "./op-handler.ts";

test("compareManifests() names what was added, removed and changed", () => {
  const before = ["root\ta\tb", "644\th1\tsrc/a b.js", "644\th2\told", "644\th3\trun.sh"].join("\0");
  const after = ["root\ta\tb", "644\th9\tsrc/a b.js", "755\th3\trun.sh", "644\th4\tnew\twith tab"].join("\0");
  expect(compareManifests(before, after)).toEqual([
    "src/a b.js changed (content)",
    "run.sh changed (mode)",
    "new\twith tab added",
    "old removed",
  ]);
  const ignores = (path: string): boolean => path === "old";
  expect(compareManifests(before, after, ignores)).toContain("old left out by .dockerignore");
});

const run = (...args: string[]): KeyPart => ({ kind: "operation", name: "run", value: JSON.stringify(args) });
const copy = (op: object): KeyPart => ({ kind: "operation", name: "copy", value: JSON.stringify(op) });
const image: KeyPart = { kind: "base", name: "base", value: "1", shown: "busybox sha256:1" };
const step: KeyPart = { kind: "input", name: "base", value: "2" };
const user = (value: string): KeyPart => ({ kind: "option", name: "user", value });

test.each<[string, KeyPart[], KeyPart[], string[]]>([
  ["SHELL", [run("sh", "-c", "x")], [run("sh", "-ec", "x")], ["shell sh -c → sh -ec"]],
  ["a document", [run("sh", "-c", "x")], [run("sh", "-c", "y")], ["step text changed"]],
  ["an exec form", [run("x", "y")], [run("z", "y2")], ["step text changed"]],
  ["WORKDIR", [copy({ destination: "/a" })], [copy({ destination: "/b" })], ["destination /a → /b"]],
  ["a variable", [copy({ sources: ["/a"] })], [copy({ sources: ["/b", "/c"] })], ["source /a → /b /c"]],
  ["--chown", [copy({})], [copy({ chown: "5" })], ["--chown none → 5"]],
  ["an inline file", [copy({ inline: [1] })], [copy({ inline: [2] })], ["step text changed"]],
  ["a step put before it", [image], [step], ["an earlier step changed: 2/3"]],
  ["a step taken away", [step], [image], ["an earlier step was removed"]],
  ["USER", [], [user("5")], ["user root → 5"]],
  ["USER again", [user("5")], [user("")], ["user 5 → root"]],
])("explainMiss() names %s", (_what, before, after, causes) => {
  const sameStep = { key: cacheKeyOf(before).digest, parts: before };
  const about = { samePlace: undefined, manifest: () => undefined, missedInputs: ["2/3"] };
  expect(explainMiss({ key: cacheKeyOf(after), sameStep, ...about })).toEqual(causes);
});

test("explainMiss() knows a step below which all are hits, of an older build than the last", () => {
  const about = { samePlace: undefined, manifest: () => undefined, missedInputs: [] };
  const sameStep = { key: cacheKeyOf([step]).digest, parts: [step] };
  const key = cacheKeyOf([{ ...step, value: "3" }]);
  expect(explainMiss({ key, sameStep, ...about })).toEqual(["earlier steps are as in an older build"]);
});
