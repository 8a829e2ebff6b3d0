/**
 * A program in memory that nobody can change any more: a memfd, sealed. On Node a native addon would stand in.
 */
import { readFileSync } from "node:fs";
import { closeFd, writeAt } from "./fd.ts";
import { libc } from "./libc.ts";
import { cName, syscallError } from "./syscall-error.ts";

const c = libc({
  memfd_create: { args: ["ptr", "u32"], returns: "i32" },
  fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
});

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_EXEC = 0x10;
const F_ADD_SEALS = 1033;
/** No more seals, no shrinking, no growing, no writing. */
const ALL_SEALS = 1 | 2 | 4 | 8;

/** Held until it is disposed; whoever was started from it runs on. */
export interface SealedCopy extends Disposable {
  /** Where every process of this PID namespace that may look at ours can start it, as long as it is held. */
  readonly path: string;
}

/** Throws a `SyscallError`, for instance where the host lets no memfd be run (`vm.memfd_noexec`). */
export function sealedCopy(program: string): SealedCopy {
  const fd = executableMemfd(program);
  try {
    writeAt(fd, readFileSync(program), 0);
    if (c.fcntl(fd, F_ADD_SEALS, ALL_SEALS) !== 0) throw syscallError("fcntl", program);
  } catch (error) {
    closeFd(fd);
    throw error;
  }
  return { path: `/proc/${process.pid}/fd/${fd}`, [Symbol.dispose]: () => closeFd(fd) };
}

/** Kernels before 6.3 do not know MFD_EXEC, and let every memfd be run. */
function executableMemfd(name: string): number {
  for (const flags of [MFD_EXEC, 0]) {
    const fd = c.memfd_create(cName(name), MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
    if (fd >= 0) return fd;
  }
  throw syscallError("memfd_create", name);
}
