/**
 * Standard output and error for a program that says a few words and ends. In Bun the first look at `process.stdout`
 * loads the stream and terminal modules, 9 ms of a command that takes 15: as long as all that is asked for is writing,
 * the words go straight to the descriptor. On Node, `process.stdout` itself stands in.
 */
import { lastErrno, libc } from "./libc.ts";

const c = libc({
  write: { args: ["i32", "ptr", "u64"], returns: "i64" },
  isatty: { args: ["i32"], returns: "i32" },
});

const EINTR = 4;

/**
 * The stream `open()` of the descriptor `fd`, opened only when more is wanted of it than `write` and `isTTY`, or when
 * the descriptor does not take everything at once. Words keep their order.
 */
export function lazyStream(fd: 1 | 2, open: () => NodeJS.WriteStream): NodeJS.WriteStream {
  let stream: NodeJS.WriteStream | undefined;
  const write = (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
    const rest = stream === undefined && more.length === 0 ? writeAll(fd, chunk) : chunk;
    if (rest.length === 0) return true;
    stream ??= open();
    return (stream.write as (...words: unknown[]) => boolean)(rest, ...more);
  };
  return new Proxy({} as NodeJS.WriteStream, {
    get(_target, name) {
      if (name === "write" && stream === undefined) return write;
      if (name === "isTTY" && stream === undefined) return c.isatty(fd) === 1;
      stream ??= open();
      const value: unknown = Reflect.get(stream, name, stream);
      return typeof value === "function" ? value.bind(stream) : value;
    },
    set(_target, name, value) {
      stream ??= open();
      return Reflect.set(stream, name, value, stream);
    },
    has: (_target, name) => name in (stream ??= open()),
    getPrototypeOf: () => Reflect.getPrototypeOf((stream ??= open())),
  });
}

/** What the descriptor did not take: it is full, or broken, which the stream then tells in its own way. */
function writeAll(fd: number, chunk: string | Uint8Array): Uint8Array {
  let rest = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  while (rest.length > 0) {
    const count = Number(c.write(fd, rest, rest.length));
    if (count >= 0) rest = rest.subarray(count);
    else if (lastErrno() !== EINTR) break;
  }
  return rest;
}
