/**
 * Network namespaces without a process: unshare(2), setns(2). On Node `unshare --net=FILE ip link set lo up` stands in,
 * which takes 3 ms more.
 */
import { closeFd, openAt, AT_FDCWD, O_RDONLY } from "./fd.ts";
import { cString, libc } from "./libc.ts";
import { MS_BIND, sysMount } from "./mount.ts";
import { syscallError } from "./syscall-error.ts";

const c = libc({
  unshare: { args: ["i32"], returns: "i32" },
  setns: { args: ["i32", "i32"], returns: "i32" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
});

const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP_RUNNING = 0x41;
const ownNamespace = "/proc/thread-self/ns/net";

/**
 * Makes a network namespace with its loopback link up, and mounts it on the empty file at `path`, which keeps it alive
 * without a process in it. Synchronous, since this thread is in the new namespace meanwhile. Throws a
 * {@link SyscallError}, `internal` or `forbidden` from the mount; nothing is left then.
 */
export function makeNetns(path: string): void {
  using home = new Descriptor(openAt(AT_FDCWD, ownNamespace, O_RDONLY));
  if (c.unshare(CLONE_NEWNET) !== 0) throw syscallError("unshare");
  using _back = new Return(home.fd);
  bringUpLoopback();
  sysMount(ownNamespace, path, "", MS_BIND, "");
}

/** Takes this thread into the namespace at `path`, for good. Throws a {@link SyscallError}. */
export function enterNetns(path: string): void {
  using namespace = new Descriptor(openAt(AT_FDCWD, path, O_RDONLY));
  if (c.setns(namespace.fd, CLONE_NEWNET) !== 0) throw syscallError("setns", path);
}

class Descriptor implements Disposable {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  [Symbol.dispose](): void {
    closeFd(this.fd);
  }
}

/** Takes this thread back to the namespace it came from. */
class Return implements Disposable {
  readonly #home: number;

  constructor(home: number) {
    this.#home = home;
  }

  [Symbol.dispose](): void {
    if (c.setns(this.#home, CLONE_NEWNET) !== 0) throw syscallError("setns");
  }
}

/** netdevice(7): struct ifreq is a name of 16 bytes, then here 16-bit flags. */
function bringUpLoopback(): void {
  const fd = c.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) throw syscallError("socket");
  using socket = new Descriptor(fd);
  const request = new Uint8Array(40);
  request.set(cString("lo"));
  new DataView(request.buffer).setInt16(16, IFF_UP_RUNNING, true);
  if (c.ioctl(socket.fd, SIOCSIFFLAGS, request) !== 0) throw syscallError("ioctl", "lo");
}
