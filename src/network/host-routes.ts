import { readFile } from "node:fs/promises";
import type { Cidr } from "./cidr.ts";

/** The IPv4 and IPv6 blocks the host has routes to in its main table, without default, multicast and link-local ones. */
export async function hostRoutes(): Promise<Cidr[]> {
  const [v4, v6] = await Promise.all([readTable("/proc/net/route"), readTable("/proc/net/ipv6_route")]);
  return [...parseV4Routes(v4), ...parseV6Routes(v6)];
}

/** `/proc/net/route`: destination and mask in hexadecimal, little-endian. */
export function parseV4Routes(table: string): Cidr[] {
  const rows = table.split("\n").slice(1);
  return rows.flatMap((row) => {
    const fields = row.trim().split(/\s+/);
    const [destination = "", mask = ""] = [fields[1], fields[7]];
    if (!/^[0-9A-Fa-f]{8}$/.test(destination) || !/^[0-9A-Fa-f]{8}$/.test(mask)) return [];
    const prefix = [...littleEndian(mask).toString(2)].filter((bit) => bit === "1").length;
    return prefix === 0 ? [] : [{ family: 4 as const, base: littleEndian(destination), prefix }];
  });
}

/** `/proc/net/ipv6_route`: destination and prefix length in hexadecimal. */
export function parseV6Routes(table: string): Cidr[] {
  return table.split("\n").flatMap((row) => {
    const [destination = "", length = ""] = row.trim().split(/\s+/);
    const prefix = Number.parseInt(length, 16);
    if (!/^[0-9a-f]{32}$/.test(destination) || prefix === 0 || /^f[ef]/.test(destination)) return [];
    return [{ family: 6 as const, base: BigInt(`0x${destination}`), prefix }];
  });
}

function littleEndian(hex: string): bigint {
  return BigInt(Buffer.from(hex, "hex").readUInt32LE(0));
}

async function readTable(path: string): Promise<string> {
  // No IPv6 in the kernel: no such file.
  return await readFile(path, "utf8").catch(() => "");
}
