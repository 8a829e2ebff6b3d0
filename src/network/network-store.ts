import { randomBytes } from "node:crypto";
import { SlipwayError } from "../errors.ts";
import { KeyedMutex } from "../internal/keyed-mutex.ts";
import type { Collection } from "../state/collection.ts";
import type { Network, NetworkConfig, NetworkDriver } from "./driver.ts";

const predefined = ["bridge", "host", "none"];

/** A network's name that no user may give or remove. */
export function isPredefined(name: string): boolean {
  return predefined.includes(name);
}

/**
 * The recorded networks. A record is written after the network is in the kernel and removed before it, so a crash
 * leaves a link without a record at most, never the reverse.
 */
export class NetworkStore {
  readonly #records: Collection<Network>;
  readonly #driver: NetworkDriver;
  readonly #names = new KeyedMutex();

  constructor(records: Collection<Network>, driver: NetworkDriver) {
    this.#records = records;
    this.#driver = driver;
  }

  /**
   * Makes the predefined networks that are not recorded yet: `bridge` with the link `bridgeLink`, `host` and `none`.
   * Call it after the driver has restored the recorded ones. Idempotent.
   */
  async ensurePredefined(bridgeLink: string): Promise<void> {
    if (this.#find("bridge") === undefined) {
      const options = { "com.docker.network.bridge.name": bridgeLink };
      const network = await this.#driver.create({ name: "bridge", options });
      this.#records.put(network.id, network);
    }
    for (const [name, driver] of [
      ["host", "host"],
      ["none", "null"],
    ] as const) {
      if (this.#find(name) !== undefined) continue;
      const network = plainNetwork(name, driver);
      this.#records.put(network.id, network);
    }
  }

  /** Throws `conflict` when the name is taken, `invalid_argument` for a bad one, and what the driver throws. */
  async create(config: NetworkConfig): Promise<Network> {
    checkName(config.name);
    using _lock = await this.#names.lock(config.name);
    if (this.#find(config.name) !== undefined) {
      throw new SlipwayError("conflict", `network with name ${config.name} already exists`);
    }
    const network = await this.#driver.create(config);
    try {
      this.#records.put(network.id, network);
    } catch (error) {
      await this.#driver.delete(network);
      throw error;
    }
    return network;
  }

  /** By name, ID, or unambiguous prefix of an ID, in this order. Throws `not_found`, `invalid_argument` when ambiguous. */
  get(name: string): Network {
    const all = this.list();
    const exact = all.find(({ id }) => id === name) ?? all.find((network) => network.name === name);
    if (exact !== undefined) return exact;
    const byPrefix = name === "" ? [] : all.filter(({ id }) => id.startsWith(name));
    const [first, second] = byPrefix;
    if (first === undefined) throw new SlipwayError("not_found", `network ${name} not found`);
    if (second === undefined) return first;
    throw new SlipwayError(
      "invalid_argument",
      `network ${name} is ambiguous (${byPrefix.length} matches found on ID prefix)`,
    );
  }

  list(): Network[] {
    return this.#records.list();
  }

  /** Throws `forbidden` for a predefined network and `conflict` while endpoints are attached. */
  async remove(network: Network): Promise<void> {
    if (isPredefined(network.name)) {
      throw new SlipwayError("forbidden", `${network.name} is a pre-defined network and cannot be removed`);
    }
    this.#records.delete(network.id);
    try {
      await this.#driver.delete(network);
    } catch (error) {
      this.#records.put(network.id, network);
      throw error;
    }
  }

  #find(name: string): Network | undefined {
    return this.list().find((network) => network.name === name);
  }
}

function checkName(name: string): void {
  if (isPredefined(name) || name === "default" || name.startsWith("container:")) {
    throw new SlipwayError("forbidden", `operation is not permitted on predefined ${name} network`);
  }
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    const rule = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed";
    throw new SlipwayError(
      "invalid_argument",
      `${name || "network name"} includes invalid characters, ${rule}`,
    );
  }
}

function plainNetwork(name: string, driver: "host" | "null"): Network {
  return {
    id: randomBytes(32).toString("hex"),
    name,
    driver,
    bridge: "",
    subnets: [],
    internal: false,
    enableIPv6: false,
    options: {},
    labels: {},
    createdAt: new Date().toISOString(),
  };
}
