import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BuildHarness, output } from "./harness.ts";

let harness: BuildHarness;
beforeAll(async () => {
  harness = await BuildHarness.open();
}, 30_000);
afterAll(() => harness[Symbol.asyncDispose]());

async function printed(text: string): Promise<string> {
  const path = harness.directory("made");
  chmodSync(path, 0o700);
  writeFileSync(join(path, "a"), "a");
  const { events } = await harness.build({ context: { kind: "directory", path }, dockerfile: { text } });
  return output(events);
}

test("COPY of a directory makes its destination 0755 or what --chmod says, whatever the mode of the source", async () => {
  const text =
    "FROM busybox\nCOPY . /app\nCOPY --chown=5:6 --chmod=600 . /own\nRUN stat -c '%a %u:%g' /app /own /own/a\n";
  expect(await printed(text)).toBe("755 0:0\n600 5:6\n600 5:6\n");
});

test("WORKDIR makes directories that belong to the stage's user", async () => {
  const text =
    "FROM busybox\nRUN mkdir /there\nUSER app\nWORKDIR /there/new/one\nUSER 7:8\nWORKDIR /w\nUSER root\nWORKDIR /r\n" +
    "RUN stat -c '%a %u:%g' /there /there/new /there/new/one /w /r\n";
  expect(await printed(text)).toBe("755 0:0\n755 1000:1001\n755 1000:1001\n755 7:8\n755 0:0\n");
});
