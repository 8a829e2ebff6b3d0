/**
 * What a test file left in the system: one that was killed in the middle, or forgot something. Each file has a
 * temporary directory of its own, by which everything of it is told from what is others'.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Takes all of it away: processes that have `directory` as their TMPDIR, engines' roots below it with their containers,
 * links and rules, mounts, and the directory. Returns in words what there was.
 */
export function clearLeftovers(directory: string): string[] {
  const found = [...endProcesses(directory), ...uninstallRoots(directory), ...detachMounts(directory)];
  const files = readdirSync(directory);
  rmSync(directory, { recursive: true, force: true });
  return [...found, ...files.map((name) => `file ${name}`)];
}

function endProcesses(directory: string): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const environment = readQuietly(`/proc/${pid}/environ`).split("\0");
    if (!environment.includes(`TMPDIR=${directory}`)) return [];
    const words = readQuietly(`/proc/${pid}/cmdline`).split("\0").join(" ").trim();
    return end(Number(pid)) ? [`process ${pid} ${words}`] : [];
  });
}

/** False when it has ended by itself. */
function end(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

function uninstallRoots(directory: string): string[] {
  const roots = globSync("{.,*,*/*}/{root,}", { cwd: directory }).map((path) => join(directory, path));
  return [...new Set(roots)].filter(isRoot).map((root) => {
    const words = ["src/cli/bin.ts", "system", "uninstall", "--force", "--data"];
    const env = { ...process.env, SLIPWAY_ROOT: root };
    const { stderr } = spawnSync(process.execPath, words, { env, encoding: "utf8" });
    return `engine's root ${root} ${stderr.trim()}`;
  });
}

function isRoot(path: string): boolean {
  return existsSync(join(path, "lock")) && existsSync(join(path, "state.db"));
}

/** The last mounted first. */
function detachMounts(directory: string): string[] {
  const table = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const points = table.map((line) => line.split(" ", 5)[4] ?? "");
  return points
    .filter((path) => path.startsWith(`${directory}/`))
    .toReversed()
    .map((path) => {
      spawnSync("umount", ["-l", path]);
      return `mount ${path}`;
    });
}

/** Nothing of a process that has ended. */
function readQuietly(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
