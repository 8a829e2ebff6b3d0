import { isIP } from "../internal/is-ip.ts";
import { SlipwayError } from "../errors.ts";

/** An address as a number, with its family. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A block of addresses; `base` has no host bits. */
export interface Cidr {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly prefix: number;
}

/** Throws `invalid_argument` for what is no IPv4 or IPv6 address. */
export function parseAddress(text: string): Address {
  const family = isIP(text);
  if (family === 4) return { family: 4, value: parseV4(text) };
  if (family === 6 && !text.includes("%")) return { family: 6, value: parseV6(text) };
  throw new SlipwayError("invalid_argument", `invalid IP address: "${text}"`);
}

/** Host bits are dropped: `10.1.2.3/8` is `10.0.0.0/8`. Throws `invalid_argument`. */
export function parseCidr(text: string): Cidr {
  const [address = "", length = ""] = text.split("/");
  const { family, value } = parseAddress(address);
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (prefix < 0 || prefix > bits(family) || text.split("/").length !== 2) {
    throw new SlipwayError("invalid_argument", `invalid CIDR address: "${text}"`);
  }
  const host = BigInt(bits(family) - prefix);
  return { family, base: (value >> host) << host, prefix };
}

/** Number of addresses in the block. */
export function sizeOf(cidr: Cidr): bigint {
  return 1n << BigInt(bits(cidr.family) - cidr.prefix);
}

/** Whether the address lies in the block. */
export function contains(cidr: Cidr, address: Address): boolean {
  if (cidr.family !== address.family) return false;
  return address.value >= cidr.base && address.value < cidr.base + sizeOf(cidr);
}

/** Whether they have an address in common. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  if (a.family !== b.family) return false;
  return a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);
}

/** `172.17.0.0/16`: the first address of the block and its prefix length. */
export function formatCidr(cidr: Cidr): string {
  return `${formatAddress({ family: cidr.family, value: cidr.base })}/${cidr.prefix}`;
}

/** IPv6 in the canonical form of RFC 5952. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (value >> BigInt(112 - 16 * i)) & 0xffffn);
  const full = groups.map((group) => group.toString(16)).join(":");
  // The URL parser compresses by the rules of RFC 5952.
  return new URL(`http://[${full}]`).hostname.slice(1, -1);
}

function bits(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function parseV4(text: string): bigint {
  return text.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint {
  const compact = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [head = "", tail] = compact.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].reduce((value, part) => (value << 16n) | BigInt(`0x${part}`), 0n);
}
