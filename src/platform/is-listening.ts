/** Whether somebody listens at a unix socket, asked without a request. On Node `node:net` stands in. */
import { libc } from "./libc.ts";

const c = libc({
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
});

const AF_UNIX = 1;
const STREAM_CLOEXEC_NONBLOCK = 1 | 0x80000 | 0x800;
const longestPath = 107;

/** False also when nobody can tell: the path is too long for a socket's address, or not allowed. */
export function isListening(path: string): boolean {
  const name = Buffer.from(path);
  if (name.length > longestPath) return false;
  const address = new Uint8Array(2 + longestPath + 1);
  address[0] = AF_UNIX;
  address.set(name, 2);
  const fd = c.socket(AF_UNIX, STREAM_CLOEXEC_NONBLOCK, 0);
  if (fd < 0) return false;
  const isConnected = c.connect(fd, address, 2 + name.length + 1) === 0;
  c.close(fd);
  return isConnected;
}
