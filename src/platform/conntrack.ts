/**
 * Deletes entries of the kernel's connection tracking over netlink. On Node a native addon, or the program `conntrack`,
 * would stand in for `bun:ffi`.
 */
import { isIPv4 } from "node:net";
import { lastErrno, libc } from "./libc.ts";

const c = libc({
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  send: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
  close: { args: ["i32"], returns: "i32" },
});

const AF_NETLINK = 16;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_RAW_CLOEXEC = 3 | 0x80000;
const NETLINK_NETFILTER = 12;
/** NFNL_SUBSYS_CTNETLINK and IPCTNL_MSG_CT_DELETE */
const CT_DELETE = (1 << 8) | 2;
const REQUEST_ACK = 1 | 4;
const NESTED = 0x8000;
const UDP = 17;
const ENOENT = 2;

// linux/netfilter/nfnetlink_conntrack.h
const attribute = { tupleOrig: 1, tupleReply: 2, filter: 25 };
const tuple = { ip: 1, proto: 2 };
const address = { source4: 1, source6: 3 };
const proto = { number: 1, sourcePort: 2, destinationPort: 3 };
const filter = { origFlags: 1, replyFlags: 2 };
const flag = { sourceAddress: 1 << 0, protoNumber: 1 << 3, sourcePort: 1 << 4, destinationPort: 1 << 5 };

/**
 * Forgets the UDP flows that are answered by `ip`:`port`: a datagram of a client that goes on sending then meets the rules
 * anew. False when the kernel cannot (before 5.8). Synchronous.
 */
export function forgetUdpAnsweredBy(ip: string, port: number): boolean {
  const source = isIPv4(ip) ? attr(address.source4, bytes4(ip)) : attr(address.source6, bytes6(ip));
  const reply = nested(attribute.tupleReply, [
    nested(tuple.ip, [source]),
    nested(tuple.proto, [attr(proto.number, [UDP]), attr(proto.sourcePort, port16(port))]),
  ]);
  const wanted = flags(filter.replyFlags, flag.sourceAddress | flag.protoNumber | flag.sourcePort);
  return remove(isIPv4(ip) ? AF_INET : AF_INET6, [reply, wanted]);
}

/** Forgets the UDP flows to `port` of whichever address: those that began before it was published. Synchronous. */
export function forgetUdpTo(port: number, family: 4 | 6): boolean {
  const original = nested(attribute.tupleOrig, [
    nested(tuple.proto, [attr(proto.number, [UDP]), attr(proto.destinationPort, port16(port))]),
  ]);
  const wanted = flags(filter.origFlags, flag.protoNumber | flag.destinationPort);
  return remove(family === 4 ? AF_INET : AF_INET6, [original, wanted]);
}

function flags(which: number, value: number): Uint8Array {
  const word = new Uint8Array(4);
  new DataView(word.buffer).setUint32(0, value, true);
  return nested(attribute.filter, [attr(which, word)]);
}

function remove(family: number, attributes: readonly Uint8Array[]): boolean {
  const body = Buffer.concat([Uint8Array.of(family, 0, 0, 0), ...attributes]);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(head.length + body.length, 0);
  head.writeUInt16LE(CT_DELETE, 4);
  head.writeUInt16LE(REQUEST_ACK, 6);
  const fd = c.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_NETFILTER);
  if (fd < 0) throw new Error(`Cannot open a netlink socket: errno ${lastErrno()}`);
  try {
    const message = Buffer.concat([head, body]);
    if (Number(c.send(fd, message, message.length, 0)) < 0) return false;
    const answer = Buffer.alloc(4096);
    if (Number(c.recv(fd, answer, answer.length, 0)) < 20) return false;
    const error = -answer.readInt32LE(16);
    return error === 0 || error === ENOENT;
  } finally {
    c.close(fd);
  }
}

/** netlink(7): length and type before the value, which is padded to four bytes. */
function attr(type: number, value: Uint8Array | readonly number[]): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + value.length, 0);
  head.writeUInt16LE(type, 2);
  return Buffer.concat([head, Uint8Array.from(value), Buffer.alloc(-value.length & 3)]);
}

function nested(type: number, inside: readonly Uint8Array[]): Uint8Array {
  return attr(type | NESTED, Buffer.concat(inside));
}

function port16(port: number): number[] {
  return [port >> 8, port & 0xff];
}

function bytes4(ip: string): number[] {
  return ip.split(".").map(Number);
}

/** Every spelling of an IPv6 address, with `::` in it or not. */
function bytes6(ip: string): number[] {
  const [head = "", tail] = ip.split("::");
  const words = (text: string) =>
    text
      .split(":")
      .filter(Boolean)
      .map((word) => Number.parseInt(word, 16));
  const [before, after] = [words(head), words(tail ?? "")];
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return all.flatMap((word) => [word >> 8, word & 0xff]);
}
