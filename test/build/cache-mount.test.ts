import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { BuildRequest } from "../../src/build/builder.ts";
import { BuildHarness, output, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;

beforeAll(async () => {
  harness = await BuildHarness.open();
});

afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

function build(text: string, more: Partial<BuildRequest> = {}): Promise<Built> {
  return harness.build({ context: { kind: "empty" }, dockerfile: { text }, ...more });
}

const seed =
  "FROM busybox AS seed\nRUN mkdir -p /s/d && echo one > /s/d/f && chmod 751 /s && ln /s/d/f /s/g\n";

test("a cache mount starts as what `from` and `source` name, and lasts", async () => {
  const mount = "--mount=type=cache,id=started,target=/c,from=seed,source=/s";
  const text = `${seed}FROM busybox\nRUN ${mount} cat /c/d/f; stat -c '%a %h' /c /c/g; echo two >> /c/d/f\n`;
  expect(output((await build(text)).events)).toBe("one\n751 3\n644 2\n");
  const again = await build(text, { noCache: true });
  expect(output(again.events)).toBe("one\ntwo\n751 3\n644 2\n");
});

test("a cache mount that starts from a stage is done again when the stage has changed", async () => {
  const text = (what: string): string =>
    `FROM busybox AS seed\nRUN echo ${what} > /f\nFROM busybox\n` +
    `RUN --mount=type=cache,id=${what},target=/c,from=seed cat /c/f\n`;
  expect(output((await build(text("red"))).events)).toBe("red\n");
  expect(output((await build(text("blue"))).events)).toBe("blue\n");
  expect(output((await build(text("blue"))).events)).toBe("");
});

test("a cache mount cannot start from a file, and leaves nothing then", async () => {
  const text = `${seed}FROM busybox\nRUN --mount=type=cache,id=file,target=/c,from=seed,source=/s/d/f true\n`;
  await expect(build(text)).rejects.toThrow('Cannot start a cache from "/s/d/f": not a directory');
  const whole = `${seed}FROM busybox\nRUN --mount=type=cache,id=file,target=/c,from=seed,source=/s ls /c\n`;
  expect(output((await build(whole)).events)).toBe("d\ng\n");
});
