import { lstatSync, lutimesSync, readdirSync } from "node:fs";

/** Sets every modification time below `root`, and its own, that is later than `epoch` (seconds) to it. Synchronous. */
export function clampTimes(root: string, epoch: number): void {
  const limit = BigInt(epoch) * 1_000_000_000n;
  const visit = (path: string): void => {
    const stat = lstatSync(path, { bigint: true });
    if (stat.isDirectory()) for (const name of readdirSync(path)) visit(`${path}/${name}`);
    if (stat.mtimeNs > limit) lutimesSync(path, epoch, epoch);
  };
  visit(root);
}
