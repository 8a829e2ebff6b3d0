/**
 * Signals to a process that is certain to be the one meant, by pidfd. On Node `process.kill` after the same check
 * stands in, with a small race.
 */
import { readFileSync } from "node:fs";
import { SlipwayError } from "../errors.ts";
import { errnoName } from "./errno.ts";
import { lastErrno, libc } from "./libc.ts";

const c = libc({
  syscall: { args: ["i64", "i64", "i64", "i64", "i64"], returns: "i64" },
  close: { args: ["i32"], returns: "i32" },
});

const SYS_PIDFD_SEND_SIGNAL = 424;
const SYS_PIDFD_OPEN = 434;

/**
 * Sends `signal` to process `pid` if `isMeant` accepts the text of its `/proc/<pid>/cgroup`. False when no such
 * process lives. The process is pinned before it is looked at, so a reused number is never hit. Signal 0 only looks.
 */
export function signalProcess(pid: number, signal: number, isMeant: (cgroup: string) => boolean): boolean {
  const fd = Number(c.syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0));
  if (fd < 0) return missing(pid, lastErrno());
  try {
    if (!isMeant(readFileSync(`/proc/${pid}/cgroup`, "utf8"))) return false;
    if (Number(c.syscall(SYS_PIDFD_SEND_SIGNAL, fd, signal, 0, 0)) === 0) return true;
    return missing(pid, lastErrno());
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    return false;
  } finally {
    c.close(fd);
  }
}

function missing(pid: number, errno: number): false {
  const name = errnoName(errno);
  if (name === "ESRCH" || name === "ENOENT") return false;
  const code = name === "EPERM" ? "forbidden" : name === "EINVAL" ? "invalid_argument" : "internal";
  throw new SlipwayError(code, `Cannot signal process ${pid}: ${name}`);
}
