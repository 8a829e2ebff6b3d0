import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCode } from "../errors.ts";
import { mountAll } from "../platform/mount-all.ts";
import { probeOverlay } from "./probe-overlay.ts";

test("probeOverlay() finds a directory that overlays can stand on, and one that they cannot", async () => {
  const home = mkdtempSync(join(tmpdir(), "slipway-probe-"));
  try {
    for (const name of ["lower", "upper", "work"]) mkdirSync(join(home, name));
    await probeOverlay(home);
    const options = [`lowerdir=${home}/lower`, `upperdir=${home}/upper`, `workdir=${home}/work`];
    await using _overlay = mountAll([{ type: "overlay", source: "overlay", options }], join(home, "merged"));
    const refused: unknown = await probeOverlay(join(home, "merged")).catch((error: unknown) => error);
    expect(isCode(refused, "unavailable")).toBe(true);
    expect(String(refused)).toContain("use a root on ext4");
    expect(readdirSync(join(home, "merged"))).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
