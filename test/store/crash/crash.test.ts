import { afterAll, beforeAll, expect, test } from "bun:test";
import { CrashLab } from "./crash-lab.ts";
import { crashRounds } from "./crash-rounds.ts";

let lab: CrashLab;
beforeAll(async () => {
  lab = await CrashLab.open();
}, 120_000);
afterAll(async () => await lab[Symbol.asyncDispose](), 120_000);

test("nothing acknowledged is lost and the store is whole after kill -9 at random moments", async () => {
  expect(await crashRounds(lab, 10, ["kill"])).toHaveLength(10);
}, 240_000);

test("the same after power cuts, failing writes and a full disk", async () => {
  if (lab.disk === undefined) {
    console.log("SKIPPED: power cuts, as this machine mounts no loop devices");
    return;
  }
  expect(await crashRounds(lab, 6, ["power", "io", "space"])).toHaveLength(6);
}, 240_000);
