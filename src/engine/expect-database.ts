import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";

/** What nobody could make again, by the names its directories have. */
const precious = { snapshots: /^\d+$/, containers: /^[0-9a-f]{64}$/ };

/**
 * An engine without records takes every file for nobody's, and a start removes those. Throws `data_loss` when the
 * database of `root` is gone or empty while there is something to lose.
 */
export async function expectDatabase(root: string): Promise<void> {
  for (const name of ["state.db", "state.db-wal"]) if ((await sizeOf(join(root, name))) > 0) return;
  for (const [directory, name] of Object.entries(precious)) {
    const names = await readdir(join(root, directory)).catch(() => []);
    if (!names.some((entry) => name.test(entry))) continue;
    const what = `Cannot start on "${root}": its database "state.db" is gone, and files in "${directory}" need it`;
    const advice = "put the database back, or move the directory away to begin anew";
    throw new SlipwayError("data_loss", `${what}; ${advice}`);
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => ({ size: 0 }))).size;
}
