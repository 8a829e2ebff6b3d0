import { expect, test } from "bun:test";
import { JointWork } from "./joint-work.ts";

/** Notes each run; "bad" fails, alone and in company. */
function noted() {
  const runs: string[] = [];
  const run = async (items: readonly string[]) => {
    runs.push(items.join("+"));
    await Promise.resolve();
    if (items.includes("bad")) throw new Error("refused");
  };
  return { runs, work: new JointWork<string>({ together: run, alone: (item) => run([item]) }) };
}

test("JointWork does together what comes while a run is under way", async () => {
  const { runs, work } = noted();
  await Promise.all(["a", "b", "c"].map((item) => work.add(item)));
  await work.add("d");
  expect(runs).toEqual(["a", "b+c", "d"]);
});

test("JointWork fails only the item that cannot be done", async () => {
  const { runs, work } = noted();
  const ends = await Promise.allSettled(["a", "b", "bad", "c"].map((item) => work.add(item)));
  expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(runs).toEqual(["a", "b+bad+c", "b", "bad", "c"]);
});

test("JointWork tries an item that fails by itself once", async () => {
  const { runs, work } = noted();
  const [end] = await Promise.allSettled([work.add("bad")]);
  expect(end).toMatchObject({ status: "rejected", reason: new Error("refused") });
  expect(runs).toEqual(["bad"]);
});
