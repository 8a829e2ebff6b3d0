import { createServer } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { isListening } from "./is-listening.ts";

test("isListening() is true as long as somebody accepts connections at the path", async () => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-listening-"));
  try {
    const path = join(directory, "s.sock");
    expect(isListening(path)).toBe(false);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(isListening(path)).toBe(true);
    expect(isListening(path.padEnd(200, "x"))).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(isListening(path)).toBe(false);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
