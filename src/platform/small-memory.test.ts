import { expect, test } from "bun:test";
import { join } from "node:path";
import { cleanMappings } from "./small-memory.ts";

test("keepMemorySmall() gives back what work left behind, and keeps no process alive", async () => {
  // In a process of its own: this one's memory is other tests'.
  const program = `
    const { keepMemorySmall } = await import(${JSON.stringify(join(import.meta.dir, "small-memory.ts"))});
    const memory = keepMemorySmall(500);
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

test("cleanMappings() leaves out what can be written to, or was", () => {
  const mapping = (at: string, rights: string, dirty: number, path: string) =>
    `${at} ${rights} 00000000 fe:00 1234    ${path}\nRss: 40 kB\nPrivate_Dirty: ${dirty} kB\nAnonymous: ${dirty} kB\n`;
  const smaps = [
    mapping("00001000-00003000", "r-xp", 0, "/bin/program"),
    mapping("00003000-00004000", "r--p", 4, "/bin/program"),
    mapping("00004000-00005000", "rw-p", 0, "/bin/program"),
    mapping("00005000-00006000", "r--p", 0, "/lib/libc.so.6"),
    "7ffc00000000-7ffc00001000 rw-p 00000000 00:00 0\nPrivate_Dirty: 4 kB\n",
  ].join("");
  expect(cleanMappings(smaps, "/bin/program")).toEqual([{ start: 0x1000, length: 0x2000 }]);
});
