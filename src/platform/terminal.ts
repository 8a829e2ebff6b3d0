/**
 * What `setRawMode` leaves undone: a terminal in raw mode still turns `\n` into `\r\n` on its way out. On Node a native
 * addon would stand in.
 */
import { libc } from "./libc.ts";

/** `struct termios` of glibc: four 32-bit words of flags, the rest behind them. */
const size = 60;
const outputFlags = 4;
const opost = 1;
const now = 0;

/**
 * Output passes the terminal `fd` unchanged, for programs that drive the cursor themselves. `setRawMode(false)` takes
 * it back. Does nothing when `fd` is no terminal.
 */
export function passOutput(fd: number): void {
  const c = libc({
    tcgetattr: { args: ["i32", "ptr"], returns: "i32" },
    tcsetattr: { args: ["i32", "i32", "ptr"], returns: "i32" },
  });
  const termios = Buffer.alloc(size);
  if (c.tcgetattr(fd, termios) !== 0) return;
  termios.writeUInt32LE(termios.readUInt32LE(outputFlags) & ~opost, outputFlags);
  c.tcsetattr(fd, now, termios);
}
