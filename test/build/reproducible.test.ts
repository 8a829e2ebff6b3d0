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
  second = await BuildHarness.open({ now: () => Date.now() + 2 * 86_400_000 });
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

test("SOURCE_DATE_EPOCH gives two clones on two machines on two days one image ID and manifest", async () => {
  const epoch = { buildArgs: { SOURCE_DATE_EPOCH: "1000000000" } };
  const one = await build(first, clone(first, 1_500_000_000), epoch);
  const two = await build(second, clone(second, 1_600_000_000), epoch);
  expect(two.result.imageID).toBe(one.result.imageID);
  expect(two.events.at(-1)).toEqual(one.events.at(-1));
  expect(one.config.created).toBe("2001-09-09T01:46:40.000Z");
  expect(one.config.history?.every(({ created }) => created === one.config.created)).toBe(true);
});

test("the earliest date (--reproducible) does so, too, and without one two days are two images", async () => {
  const [one, two] = [clone(first, 1_510_000_000), clone(second, 1_610_000_000)];
  const earliest = { sourceDateEpoch: 0 };
  const dated = await Promise.all([build(first, one, earliest), build(second, two, earliest)]);
  expect(dated[1].events.at(-1)).toEqual(dated[0].events.at(-1));
  expect(dated[0].config.created).toBe("1970-01-01T00:00:00.000Z");
  const plain = await Promise.all([build(first, one), build(second, two)]);
  expect(plain[1].result.imageID).not.toBe(plain[0].result.imageID);
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
