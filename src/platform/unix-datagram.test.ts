import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeFd } from "./fd.ts";
import { libc } from "./libc.ts";
import { UnixDatagram } from "./unix-datagram.ts";

const c = libc({
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
});

/** A bound datagram socket, read without waiting. */
function listen(path: string): { fd: number; read: () => string | undefined } {
  const fd = c.socket(1, 2 | 0x800, 0);
  const name = Buffer.from(`\0\0${path}\0`);
  name.writeUInt16LE(1, 0);
  expect(c.bind(fd, name, name.length)).toBe(0);
  const buffer = Buffer.alloc(65536);
  const read = () => {
    const length = Number(c.recv(fd, buffer, buffer.length, 0));
    return length < 0 ? undefined : buffer.toString("utf8", 0, length);
  };
  return { fd, read };
}

test("UnixDatagram sends whole messages, says when the receiver is full, and throws when it is gone", () => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-dgram-"));
  try {
    const path = join(directory, "log");
    expect(() => UnixDatagram.connect(path)).toThrow("ENOENT");
    const { fd, read } = listen(path);
    using socket = UnixDatagram.connect(path);
    expect(socket.send(Buffer.from("one"))).toBe(true);
    expect(socket.send(Buffer.from("two"))).toBe(true);
    expect([read(), read(), read()]).toEqual(["one", "two", undefined]);
    let sent = 0;
    while (sent < 100_000 && socket.send(Buffer.from(`${sent}`))) sent += 1;
    expect(sent).toBeLessThan(100_000);
    expect(read()).toBe("0");
    expect(socket.send(Buffer.from("again"))).toBe(true);
    closeFd(fd);
    expect(() => socket.send(Buffer.from("gone"))).toThrow("ECONNREFUSED");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
