import { expect, test } from "bun:test";
import { Handoff } from "./handoff.ts";

test("Handoff passes values in order, one at a time", async () => {
  const handoff = new Handoff<number>();
  const log: string[] = [];
  const write = (async () => {
    for (const value of [1, 2, 3]) {
      await handoff.put(value);
      log.push(`taken ${value}`);
    }
    handoff.end();
  })();
  for await (const value of handoff) log.push(`got ${value}`);
  await write;
  expect(log).toEqual(["got 1", "taken 1", "got 2", "taken 2", "got 3", "taken 3"].toSorted(byStep));
});

function byStep(a: string, b: string): number {
  return Number(a.at(-1)) - Number(b.at(-1)) || a.localeCompare(b);
}

test("Handoff throws the writer's failure at the reader", async () => {
  const handoff = new Handoff<number>();
  handoff.end({ error: new Error("broken") });
  expect(Array.fromAsync(handoff)).rejects.toThrow("broken");
});

test("Handoff.put() throws when the reader has left", async () => {
  const handoff = new Handoff<number>();
  const write = handoff.put(1);
  for await (const _value of handoff) break;
  expect(write).rejects.toThrow("Nobody reads");
  expect(handoff.put(2)).rejects.toThrow("Nobody reads");
});
