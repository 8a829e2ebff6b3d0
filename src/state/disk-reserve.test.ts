import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { State } from "./state.ts";

test("State keeps room on the disk beside its database, and takes it again when it was given up", () => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-reserve-"));
  try {
    using state = State.open(join(directory, "state.db"));
    const path = join(directory, "state.db-reserve");
    expect(statSync(path).blocks * 512).toBeGreaterThanOrEqual(2 << 20);
    rmSync(path);
    state.reserveSpace();
    expect(existsSync(path)).toBe(true);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
