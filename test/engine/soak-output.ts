/** A flood of output, SOAK_AMOUNT million lines of 100 bytes. Run by `npm run soak -- output`, not by `npm test`. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { EngineProcess, makeBusybox } from "./lab.ts";

const lines = Number(process.env["SOAK_AMOUNT"] ?? 12) * 1_000_000;
let at: EngineProcess;

beforeAll(async () => {
  at = await EngineProcess.start();
  await makeBusybox(at.engine, at.root);
});

afterAll(async () => await at[Symbol.asyncDispose]());

function residentSize(): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${at.pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}

test("a container that prints as fast as it can loses no line, and neither engine nor log grow", async () => {
  const { containers } = at.engine;
  const script = `yes ${"0123456789".repeat(9)}012345678 | head -n ${lines}`;
  const { Id } = await containers.create({ Image: "busybox", Cmd: ["sh", "-c", script] });
  await using streams = await containers.attach(Id, { stdout: true, stream: true });
  const before = residentSize();
  let most = 0;
  await containers.start(Id);
  let bytes = 0;
  for await (const { data } of streams.output) {
    bytes += data.length;
    most = Math.max(most, residentSize());
  }
  expect(bytes).toBe(lines * 100);
  console.log(`${bytes / 1e6} MB; engine ${before >> 20} MiB, ${most >> 20} MiB at most`);
  expect(most).toBeLessThan(before + (128 << 20));
  const { LogPath } = await containers.inspect(Id);
  const files = readdirSync(dirname(LogPath)).filter((name) => name.startsWith("container.log"));
  const kept = files.reduce((sum, name) => sum + statSync(join(dirname(LogPath), name)).size, 0);
  console.log(`kept: ${files.join(", ")}, ${kept / 1e6} MB`);
  await containers.remove(Id);
});
