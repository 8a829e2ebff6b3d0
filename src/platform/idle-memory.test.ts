import { expect, test } from "bun:test";
import { join } from "node:path";

test("releaseMemoryAtRest() gives back what work left behind, and keeps no process alive", async () => {
  // In a process of its own: this one's memory is other tests'.
  const program = `
    const { releaseMemoryAtRest } = await import(${JSON.stringify(join(import.meta.dir, "idle-memory.ts"))});
    const memory = releaseMemoryAtRest(500);
    const waste = () => Array.from({ length: 300_000 }, (_, at) => ({ at, text: "x".repeat(40) + at }));
    let kept = waste().length + waste().length;
    const before = process.memoryUsage.rss();
    for (let tries = 0; tries < 60 && process.memoryUsage.rss() > before - (20 << 20); tries += 1) await Bun.sleep(500);
    console.log(kept > 0 && process.memoryUsage.rss() <= before - (20 << 20) ? "given back" : "kept");
  `;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "inherit" });
  expect((await child.stdout.text()).trim()).toBe("given back");
  expect(await child.exited).toBe(0);
}, 60_000);
