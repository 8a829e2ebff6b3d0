/**
 * A client of a SOCK_SEQPACKET unix socket, read and written by the event loop. On Node a native addon or a helper
 * process stands in: its `net` opens stream sockets alone.
 */
import type { Socket } from "bun";
import { closeSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import { SlipwayError } from "../errors.ts";
import { errnoName } from "./errno.ts";
import { lastErrno, libc } from "./libc.ts";

const c = libc({
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  shutdown: { args: ["i32", "i32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
});

const AF_UNIX = 1;
const SEQPACKET_CLOEXEC_NONBLOCK = 5 | 0x80000 | 0x800;
const SHUT_WR = 1;

export interface SeqpacketHandlers {
  /** One whole packet. The bytes are the receiver's to keep. */
  readonly onPacket?: (packet: Uint8Array) => void;
  /** The other side closed, or an error ended the connection. Called once. */
  readonly onClose?: () => void;
}

/** Dispose closes it (idempotent). */
export interface Seqpacket extends AsyncDisposable {
  /** Sends one packet and waits until the kernel took it. False when the other side is gone. */
  send(packet: Uint8Array): Promise<boolean>;
  /** Half-close: the other side reads the end, packets still come in. */
  end(): void;
  pause(): void;
  resume(): void;
}

/** Connects to the socket at `path`, of any length. Throws `unavailable` when nobody listens. */
export async function connectSeqpacket(path: string, handlers: SeqpacketHandlers): Promise<Seqpacket> {
  const fd = openConnected(path);
  let wake: (() => void) | undefined;
  let closed = false;
  const wakeUp = () => {
    const waiter = wake;
    wake = undefined;
    waiter?.();
  };
  const onClosed = () => {
    if (closed) return;
    closed = true;
    wakeUp();
    handlers.onClose?.();
  };
  const socket = await adopt(fd, {
    data: (_socket, packet) => handlers.onPacket?.(new Uint8Array(packet)),
    drain: wakeUp,
    end: onClosed,
    close: onClosed,
    error: onClosed,
  });
  return {
    send: async (packet) => {
      for (;;) {
        if (closed) return false;
        const sent = socket.write(packet);
        if (sent === packet.length) return true;
        if (sent < 0) return false;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    end: () => {
      if (!closed) c.shutdown(fd, SHUT_WR);
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    [Symbol.asyncDispose]: () => {
      closed = true;
      wakeUp();
      socket.terminate();
      return Promise.resolve();
    },
  };
}

interface Handlers {
  data(socket: Socket, data: Uint8Array): void;
  drain(): void;
  end(): void;
  close(): void;
  error(): void;
}

/** `fd` is not in the types of `Bun.connect`, but is how it takes a connected socket over. */
function adopt(fd: number, socket: Handlers): Promise<Socket> {
  const connect = Bun.connect as unknown as (options: {
    fd: number;
    allowHalfOpen: boolean;
    socket: Handlers;
  }) => Promise<Socket>;
  return connect({ fd, allowHalfOpen: true, socket });
}

function openConnected(path: string): number {
  const directory = openSync(dirname(path), "r");
  try {
    const address = socketAddress(`/proc/self/fd/${directory}/${basename(path)}`);
    const fd = c.socket(AF_UNIX, SEQPACKET_CLOEXEC_NONBLOCK, 0);
    if (fd < 0) throw failed(path);
    if (c.connect(fd, address, address.length) === 0) return fd;
    const error = failed(path);
    c.close(fd);
    throw error;
  } finally {
    closeSync(directory);
  }
}

function socketAddress(path: string): Uint8Array {
  const name = Buffer.from(path);
  const address = new Uint8Array(2 + name.length + 1);
  address[0] = AF_UNIX;
  address.set(name, 2);
  return address;
}

function failed(path: string): SlipwayError {
  return new SlipwayError("unavailable", `Cannot connect to "${path}": ${errnoName(lastErrno())}`);
}
