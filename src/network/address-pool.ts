import { SlipwayError } from "../errors.ts";
import { contains, formatAddress, parseAddress, parseCidr, sizeOf, type Address, type Cidr } from "./cidr.ts";
import type { Subnet } from "./driver.ts";

/**
 * Which addresses of one subnet are in use. Held in memory; rebuilt at start from the recorded endpoints with
 * {@link AddressPool.take}. The network, broadcast and gateway addresses are never given away.
 */
export class AddressPool {
  readonly subnet: Cidr;
  readonly #range: Cidr;
  readonly #taken = new Set<bigint>();
  /** No free address of the range lies below. */
  #lowest: bigint;

  constructor(config: Subnet) {
    this.subnet = parseCidr(config.subnet);
    this.#range = config.ipRange === undefined ? this.subnet : parseCidr(config.ipRange);
    this.#lowest = this.#range.base;
    this.#taken.add(this.subnet.base);
    if (this.subnet.family === 4) this.#taken.add(this.subnet.base + sizeOf(this.subnet) - 1n);
    for (const address of Object.values(config.reserved ?? {})) this.take(address);
    if (config.gateway !== "") this.#taken.add(parseAddress(config.gateway).value);
  }

  /** `wanted`, or the lowest free address. Throws `invalid_argument` outside the subnet, `conflict`, `resource_exhausted`. */
  allocate(wanted?: string): string {
    if (wanted === undefined) return this.#allocateLowest();
    const address = parseAddress(wanted);
    if (!contains(this.subnet, address)) {
      throw new SlipwayError("invalid_argument", `no configured subnet contains IP address ${wanted}`);
    }
    if (this.#taken.has(address.value)) throw new SlipwayError("conflict", "Address already in use");
    this.#taken.add(address.value);
    return formatAddress(address);
  }

  /** Notes an address that is in use already. */
  take(address: string): void {
    this.#taken.add(parseAddress(address).value);
  }

  /** Idempotent. */
  release(address: string): void {
    const { value } = parseAddress(address);
    this.#taken.delete(value);
    if (value >= this.#range.base && value < this.#lowest) this.#lowest = value;
  }

  #allocateLowest(): string {
    const end = this.#range.base + sizeOf(this.#range);
    for (let value = this.#lowest; value < end; value += 1n) {
      if (this.#taken.has(value)) continue;
      this.#taken.add(value);
      this.#lowest = value + 1n;
      return formatAddress({ family: this.subnet.family, value });
    }
    throw new SlipwayError("resource_exhausted", "no available IP addresses on this network's address pools");
  }
}

/** Docker's address for a link: 02:42 and the four bytes of the IPv4 address. */
export function macOf(address: string): string {
  const { value } = parseAddress(address);
  const hex = (value & 0xffffffffn).toString(16).padStart(8, "0");
  return `02:42:${hex.match(/../g)?.join(":") ?? ""}`;
}

/** The first address of a subnet that a host can have: the default gateway. */
export function firstAddress(subnet: Cidr): string {
  const first: Address = { family: subnet.family, value: subnet.base + 1n };
  return formatAddress(first);
}
