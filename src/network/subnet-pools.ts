import { createHash } from "node:crypto";
import { SlipwayError } from "../errors.ts";
import { overlaps, parseCidr, sizeOf, type Cidr } from "./cidr.ts";

/** Docker's default address pools: the block, and the prefix length of the subnets cut from it. */
const defaultPools: readonly (readonly [string, number])[] = [
  ["172.17.0.0/16", 16],
  ["172.18.0.0/16", 16],
  ["172.19.0.0/16", 16],
  ["172.20.0.0/14", 16],
  ["172.24.0.0/14", 16],
  ["172.28.0.0/14", 16],
  ["192.168.0.0/16", 20],
];

/** The first IPv4 subnet of the default pools that overlaps none of `taken`. Throws `resource_exhausted`. */
export function chooseSubnet(taken: readonly Cidr[]): Cidr {
  for (const [pool, prefix] of defaultPools) {
    for (const subnet of cut(parseCidr(pool), prefix)) {
      if (!taken.some((other) => overlaps(subnet, other))) return subnet;
    }
  }
  throw new SlipwayError("resource_exhausted", "all predefined address pools have been fully subnetted");
}

/** A /64 of unique local addresses (RFC 4193), the same for the same network ID. */
export function uniqueLocalSubnet(networkId: string): Cidr {
  const hash = createHash("sha256").update(`slipway network ${networkId}`).digest("hex");
  return parseCidr(
    `fd${hash.slice(0, 2)}:${hash.slice(2, 6)}:${hash.slice(6, 10)}:${hash.slice(10, 14)}::/64`,
  );
}

function* cut(pool: Cidr, prefix: number): Generator<Cidr> {
  const step = sizeOf({ ...pool, prefix });
  for (let base = pool.base; base < pool.base + sizeOf(pool); base += step) {
    yield { family: pool.family, base, prefix };
  }
}
