import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildRequest } from "../../src/build/builder.ts";
import { BuildHarness, outcomes, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

let first: BuildHarness;
let second: BuildHarness;

beforeAll(async () => {
  first = await BuildHarness.open();
  // Two machines have the same base, but nothing else in common.
  second = await BuildHarness.open();
});

afterAll(async () => {
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
});

const text =
  "FROM scratch\nCOPY . /src\nWORKDIR /work\nCOPY --from=made /made /made\n".replace(
    "FROM scratch",
    "FROM busybox AS made\nRUN mkdir /made && echo x > /made/f && ln -s f /made/l\nFROM scratch",
  ) + 'CMD ["x"]\n';

/** A clone, its files as old as the checkout. */
function clone(harness: BuildHarness, time: number): string {
  const directory = harness.directory(`clone-${time}`);
  for (const path of ["a", "dir/b"]) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), path);
    chmodSync(join(directory, path), 0o644);
    utimesSync(join(directory, path), time, time);
  }
  return directory;
}

function build(harness: BuildHarness, path: string, more: Partial<BuildRequest> = {}): Promise<Built> {
  return harness.build({ context: { kind: "directory", path }, dockerfile: { text }, ...more });
}

test("SOURCE_DATE_EPOCH gives two clones on two machines one image ID and manifest", async () => {
  const epoch = { buildArgs: { SOURCE_DATE_EPOCH: "1000000000" } };
  const one = await build(first, clone(first, 1_500_000_000), epoch);
  await Bun.sleep(1100);
  const two = await build(second, clone(second, 1_600_000_000), epoch);
  expect(two.result.imageID).toBe(one.result.imageID);
  expect(two.events.at(-1)).toEqual(one.events.at(-1));
  expect(one.config.created).toBe("2001-09-09T01:46:40.000Z");
  expect(one.config.history?.every(({ created }) => created === one.config.created)).toBe(true);
});

test("a step made with other times is no hit", async () => {
  const path = clone(first, 1_500_000_000);
  await build(first, path);
  const dated = await build(first, path, { sourceDateEpoch: 7 });
  const copy = [...outcomes(dated.events)].find(([name]) => name.includes("COPY . /src"));
  expect(copy?.[1]).toEqual({ cached: false, causes: ["SOURCE_DATE_EPOCH added: 7"] });
  await expect(build(first, path, { buildArgs: { SOURCE_DATE_EPOCH: "soon" } })).rejects.toThrow(
    'invalid SOURCE_DATE_EPOCH: "soon"',
  );
});
