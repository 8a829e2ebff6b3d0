import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "../../errors.ts";
import { tryLockFile, tryShareFile, tryTakeAlone } from "../../platform/flock.ts";

/**
 * The namespaces of an engine without root: one for users, with the user as root and the user's subordinate IDs, one
 * for mounts, one for networks. A process that sleeps holds them, so that they outlive the engine as its containers do.
 */
export interface Holder {
  readonly pid: number;
}

const patienceMs = 30_000;
const pidFile = "namespaces.pid";
const makingFile = "namespaces.lock";
const usersFile = "namespaces.users";

/**
 * The namespaces of `runDirectory`, made when nobody holds them, and what `prepare` made of them. They stay as long as
 * this process, or the program that it becomes, has the descriptor `lock`. Throws `unavailable`, saying what is missing.
 */
export async function holdNamespaces<T>(
  runDirectory: string,
  user: string,
  prepare: (holder: Holder) => Promise<T>,
): Promise<{ holder: Holder; prepared: T; lock: number }> {
  makeOwnDirectory(runDirectory);
  for (;;) {
    using making = tryLockFile(join(runDirectory, makingFile));
    if (making !== undefined) {
      const holder = findHolder(runDirectory) ?? (await startHolder(runDirectory, user));
      const prepared = await prepare(holder);
      // Last: a process that is started would take a copy along.
      const lock = tryShareFile(join(runDirectory, usersFile));
      if (lock !== undefined) return { holder, prepared, lock };
    }
    await sleep(10);
  }
}

export function findHolder(runDirectory: string): Holder | undefined {
  const [pid = "", began] = readText(join(runDirectory, pidFile)).split(" ");
  // A number that another process has by now began later.
  if (!/^\d+$/.test(pid) || beginOf(Number(pid)) !== began) return undefined;
  return { pid: Number(pid) };
}

/** Calls `end`, and ends the namespaces, unless another process uses them or is about to. */
export function releaseNamespaces(runDirectory: string, lock: number, end: () => void): void {
  using making = tryLockFile(join(runDirectory, makingFile));
  if (making === undefined || !tryTakeAlone(lock)) return;
  end();
  const holder = findHolder(runDirectory);
  if (holder !== undefined) process.kill(holder.pid, "SIGKILL");
  rmSync(join(runDirectory, pidFile), { force: true });
}

/** Below /tmp somebody else may have made it, to be asked for what is ours. */
function makeOwnDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  for (let each = path; each !== "/" && each !== "/tmp" && each !== "/run"; each = join(each, "..")) {
    const { uid } = lstatSync(each);
    if (uid === process.getuid?.()) continue;
    if (uid === 0) return;
    throw new SlipwayError("forbidden", `Cannot use "${each}": it belongs to another user`);
  }
}

async function startHolder(runDirectory: string, user: string): Promise<Holder> {
  checkTools(user);
  const args = ["--user", "--map-root-user", "--map-auto", "--mount", "--propagation", "slave", "--net"];
  const child = spawn("unshare", [...args, "sleep", "infinity"], {
    detached: true,
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const over = new Promise<never>((_resolve, reject) => {
    const fail = (why: string) => reject(cannot(`the user namespace cannot be made: ${said.trim() || why}`));
    child.once("error", (error) => fail(error.message));
    child.once("close", (code) => fail(`unshare ended with ${code}`));
  });
  over.catch(() => undefined);
  await Promise.race([over, isReady(child.pid ?? 0)]);
  child.unref();
  const pid = child.pid ?? 0;
  writeFileSync(join(runDirectory, pidFile), `${pid} ${beginOf(pid)}`, { mode: 0o600 });
  return { pid };
}

/** unshare has become `sleep` once all is set up. */
async function isReady(pid: number): Promise<void> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline;) {
    if (readText(`/proc/${pid}/comm`).trim() === "sleep") return;
    await sleep(3);
  }
  throw cannot("the user namespace is not there in time");
}

function checkTools(user: string): void {
  for (const [program, packages] of [
    ["newuidmap", "uidmap"],
    ["newgidmap", "uidmap"],
    ["unshare", "util-linux"],
    ["nsenter", "util-linux"],
  ] as const) {
    const directories = (process.env["PATH"] ?? "").split(":").concat("/usr/bin", "/bin");
    if (directories.some((directory) => existsSync(join(directory, program)))) continue;
    throw cannot(`"${program}" is missing: install the package ${packages}`);
  }
  for (const file of ["/etc/subuid", "/etc/subgid"]) {
    const lines = readText(file).split("\n");
    const names = [`${user}:`, `${process.getuid?.()}:`];
    if (lines.some((line) => names.some((name) => line.startsWith(name)))) continue;
    const advice = `as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}`;
    throw cannot(`"${file}" gives user "${user}" no subordinate IDs; ${advice}`);
  }
}

function cannot(why: string): SlipwayError {
  return new SlipwayError("unavailable", `Cannot run the engine without root: ${why}`);
}

/** When a process began, in the kernel's ticks; undefined when there is none. */
export function beginOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === "") return undefined;
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
