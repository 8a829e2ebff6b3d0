import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "bun:test";
import { FilesystemDriver } from "./filesystem-driver.ts";
import { storageContract } from "./testing/storage-contract.ts";

const root = mkdtempSync(join(tmpdir(), "registry-driver-"));
afterAll(() => rmSync(root, { recursive: true }));

storageContract("FilesystemDriver", () => new FilesystemDriver(root));

test("FilesystemDriver puts beside deletions that take the directory away", async () => {
  const storage = new FilesystemDriver(root);
  const coming = async (name: string): Promise<void> => {
    for (let n = 0; n < 10; n++) {
      await storage.put(`q/x/y/${name}`, n % 2 === 0 ? "" : name);
      expect(await storage.delete(`q/x/y/${name}`)).toBe(true);
    }
    await storage.put(`q/x/y/${name}`, name);
  };
  const names = Array.from({ length: 8 }, (_, n) => `name${n}`);
  await Promise.all(names.map(coming));
  expect(await storage.children("q/x/y")).toEqual(names);
});
