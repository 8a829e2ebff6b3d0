import { expect } from "bun:test";
import { readdirSync, readlinkSync } from "node:fs";
import { configOf, run, type EngineProcess } from "./lab.ts";
import { until } from "../until.ts";
import { leftovers, nothing } from "./leftovers.ts";

/** Runs `busybox` so many times, 8 at a time: afterwards nothing is left in the kernel, on disk or in the engine. */
export async function manyRuns(at: EngineProcess, count: number): Promise<void> {
  await run(at.engine, ["true"]);
  await Bun.sleep(200);
  const before = descriptors(at.pid);
  const ids: string[] = [];
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const ran = await run(at.engine, ["sh", "-c", "echo $HOSTNAME"]);
      expect(ran).toMatchObject({ code: 0, stdout: `${ran.id.slice(0, 12)}\n` });
      ids.push(ran.id);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  expect(ids.length).toBe(count);
  const config = configOf(at.root);
  await until(() => Bun.deepEquals(leftovers(config, ids), nothing)).catch(() => undefined);
  expect(leftovers(config, ids)).toEqual(nothing);
  await until(() => descriptors(at.pid) <= before).catch(() => undefined);
  expect(descriptors(at.pid)).toBeLessThanOrEqual(before);
  const { checked, problems } = await at.engine.system.check();
  expect({ snapshots: checked.snapshots, problems }).toEqual({ snapshots: 1, problems: [] });
}

/** But for sockets: the client of the test keeps its connections. */
function descriptors(pid: number): number {
  const isSocket = (fd: string) => targetOf(`/proc/${pid}/fd/${fd}`).startsWith("socket:");
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => !isSocket(fd)).length;
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
