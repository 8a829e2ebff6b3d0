import { expect, test } from "bun:test";
import { join } from "node:path";

test("BufferGarbage.look() collects what was let go of once it is more than the limit, and not before", async () => {
  // In a process of its own: what lies about here is other tests'.
  const program = `
    const { BufferGarbage } = await import(${JSON.stringify(join(import.meta.dir, "buffer-garbage.ts"))});
    const garbage = new BufferGarbage(32 << 20);
    const external = () => process.memoryUsage().external >> 20;
    let kept = Array.from({ length: 30 }, () => new ArrayBuffer(1 << 20));
    garbage.look();
    const before = external();
    kept = kept.slice(0, 20).concat(Array.from({ length: 20 }, () => new ArrayBuffer(1 << 20)));
    garbage.look();
    console.log(JSON.stringify([before >= 30, external() <= 45, kept.length]));
  `;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "inherit" });
  expect(JSON.parse(await child.stdout.text())).toEqual([true, true, 40]);
  expect(await child.exited).toBe(0);
});
