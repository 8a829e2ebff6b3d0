/**
 * `npm run bench`: starts bench.ts in a process group of its own and hands SIGINT and SIGTERM on to all of the group. The
 * benchmark waits for each program without looking up; so the program of the turn ends too, and it hears of the signal.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";

const script = join(import.meta.dirname, "bench.ts");
const child = spawn(process.execPath, [script, ...process.argv.slice(2)], {
  stdio: "inherit",
  detached: true,
});
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.on(name, () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, name);
  });
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
});
