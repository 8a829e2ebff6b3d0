import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "bun:test";
import { FilesystemDriver } from "./filesystem-driver.ts";
import { storageContract } from "./testing/storage-contract.ts";

const root = mkdtempSync(join(tmpdir(), "registry-driver-"));
afterAll(() => rmSync(root, { recursive: true }));

storageContract("FilesystemDriver", () => new FilesystemDriver(root));
