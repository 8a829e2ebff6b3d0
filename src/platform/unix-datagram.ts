/**
 * Sends datagrams to a unix socket (SOCK_DGRAM), as syslog(3) does. On Node a native addon stands in: its `dgram` knows
 * UDP alone.
 */
import { closeSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import { closeFd } from "./fd.ts";
import { lastErrno, libc } from "./libc.ts";
import { syscallError } from "./syscall-error.ts";

const c = libc({
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  send: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
});

const AF_UNIX = 1;
const DGRAM_CLOEXEC_NONBLOCK = 2 | 0x80000 | 0x800;
const MSG_NOSIGNAL = 0x4000;
const EAGAIN = 11;
const EMSGSIZE = 90;

/** A connected datagram socket. Dispose closes it (idempotent). */
export class UnixDatagram implements Disposable {
  #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** To the socket at `path`, of any length. Throws a `SyscallError`: ENOENT, ECONNREFUSED, EPROTOTYPE (it is a stream) … */
  static connect(path: string): UnixDatagram {
    const directory = openSync(dirname(path), "r");
    try {
      const fd = c.socket(AF_UNIX, DGRAM_CLOEXEC_NONBLOCK, 0);
      if (fd < 0) throw syscallError("socket", path);
      const name = Buffer.from(`\0\0/proc/self/fd/${directory}/${basename(path)}\0`);
      name.writeUInt16LE(AF_UNIX, 0);
      if (c.connect(fd, name, name.length) === 0) return new UnixDatagram(fd);
      const error = syscallError("connect", path);
      closeFd(fd);
      throw error;
    } finally {
      closeSync(directory);
    }
  }

  /** False while the receiver's queue is full. What is too long for the socket is cut. Throws when the receiver is gone. */
  send(message: Uint8Array): boolean {
    if (Number(c.send(this.#fd, message, message.length, MSG_NOSIGNAL)) >= 0) return true;
    const errno = lastErrno();
    if (errno === EAGAIN) return false;
    if (errno === EMSGSIZE && message.length > 1024)
      return this.send(message.subarray(0, message.length >> 1));
    throw syscallError("send", "", errno);
  }

  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    closeFd(this.#fd);
    this.#fd = -1;
  }
}
