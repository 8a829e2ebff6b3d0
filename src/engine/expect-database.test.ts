import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { errorCode } from "../errors.ts";
import { expectDatabase } from "./expect-database.ts";

test("expectDatabase() refuses a root whose database is gone while there is something to lose", async () => {
  const root = await mkdtemp(join(tmpdir(), "slipway-root-"));
  try {
    await expectDatabase(join(root, "none yet"));
    await mkdir(join(root, "snapshots/1/fs"), { recursive: true });
    const refused = async () => errorCode(await expectDatabase(root).catch((error: unknown) => error));
    expect(await refused()).toBe("data_loss");
    await writeFile(join(root, "state.db"), "");
    expect(await refused()).toBe("data_loss");
    await writeFile(join(root, "state.db-wal"), "x");
    await expectDatabase(root);
    await rm(join(root, "state.db-wal"));
    await rm(join(root, "snapshots/1"), { recursive: true });
    await writeFile(join(root, "snapshots/README"), "");
    await expectDatabase(root);
  } finally {
    await rm(root, { recursive: true });
  }
});
