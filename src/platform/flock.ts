/** flock(2): a lock the kernel frees when the process dies, however it dies. On Node the `fs-ext` addon stands in. */
import { closeSync, constants, openSync } from "node:fs";
import { SlipwayError } from "../errors.ts";
import { errnoName } from "./errno.ts";
import { lastErrno, libc } from "./libc.ts";

const c = libc({ flock: { args: ["i32", "i32"], returns: "i32" } });

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
