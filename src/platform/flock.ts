/** flock(2): a lock the kernel frees when the process dies, however it dies. On Node the `fs-ext` addon stands in. */
import { closeSync, constants, openSync } from "node:fs";
import { SlipwayError } from "../errors.ts";
import { errnoName } from "./errno.ts";
import { lastErrno, libc } from "./libc.ts";

const c = libc({
  flock: { args: ["i32", "i32"], returns: "i32" },
  fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  dup: { args: ["i32"], returns: "i32" },
});

const F_SETFD = 2;
const FD_CLOEXEC = 1;
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** A child that inherited the descriptor would keep the lock after us. */
const O_CLOEXEC = 0o2000000;

/** An exclusive lock on a file. Dispose frees it (idempotent); the file stays. */
export interface FileLock extends Disposable {
  readonly fd: number;
}

/** Locks the file at `path`, which is made when missing. Undefined when another holds it. Does not wait. */
export function tryLockFile(path: string): FileLock | undefined {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | O_CLOEXEC, 0o600);
  if (c.flock(fd, LOCK_EX | LOCK_NB) !== 0) {
    const name = errnoName(lastErrno());
    closeSync(fd);
    if (name === "EAGAIN" || name === "EWOULDBLOCK") return undefined;
    throw new SlipwayError("internal", `Cannot lock "${path}": ${name}`);
  }
  let open = true;
  return {
    fd,
    [Symbol.dispose]: () => {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

/**
 * Locks the file at `path`, made when missing, together with others who share it. The descriptor passes to the program
 * that this process becomes, and the lock lives as long as any copy of it. Undefined while somebody has it alone.
 */
export function tryShareFile(path: string): number | undefined {
  const opened = openSync(path, constants.O_RDWR | constants.O_CREAT | O_CLOEXEC, 0o600);
  // A copy is passed on, whatever the original was opened with.
  const fd = c.dup(opened);
  closeSync(opened);
  if (fd >= 0 && c.flock(fd, LOCK_SH | LOCK_NB) === 0) return fd;
  if (fd >= 0) closeSync(fd);
  return undefined;
}

/** Makes a shared lock one's own alone; false when others share it. */
export function tryTakeAlone(fd: number): boolean {
  return c.flock(fd, LOCK_EX | LOCK_NB) === 0;
}

/** From now on no process that is started gets a copy of the descriptor. */
export function closeOnExec(fd: number): void {
  if (c.fcntl(fd, F_SETFD, FD_CLOEXEC) !== 0)
    throw new SlipwayError("internal", `Cannot keep descriptor ${fd}: ${errnoName(lastErrno())}`);
}
