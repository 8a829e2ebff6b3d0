/** The rounds of crash.test.ts for as long as SOAK_AMOUNT says, in minutes. Run by `npm run soak`, not by `npm test`. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { killDuringBuilds, killDuringPulls, killDuringRuns } from "./kill-rounds.ts";
import { EngineProcess, makeBusybox } from "./lab.ts";
import { manyRuns } from "./many-runs.ts";

const minutes = Number(process.env["SOAK_AMOUNT"] ?? 10);
let at: EngineProcess;

beforeAll(async () => {
  at = await EngineProcess.start();
  await makeBusybox(at.engine, at.root);
});

afterAll(async () => await at[Symbol.asyncDispose]());

/** Bytes of memory the engine holds. */
function residentSize(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}

test("an engine that is used and killed for a long time stays whole and small", async () => {
  const end = Date.now() + minutes * 60_000;
  for (let round = 1; Date.now() < end; round += 1) {
    await killDuringBuilds(at, 10);
    await killDuringPulls(at, 10);
    await killDuringRuns(at, 10);
    await manyRuns(at, 200);
    const before = residentSize(at.pid);
    await manyRuns(at, 500);
    const after = residentSize(at.pid);
    console.log(`round ${round}: ${before >> 20} MiB, ${after >> 20} MiB after 500 runs more`);
    expect(after).toBeLessThan(before + (64 << 20));
  }
});
