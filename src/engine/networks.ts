import { SlipwayError, isCode } from "../errors.ts";
import type { Endpoint, Network } from "../network/driver.ts";
import { isPredefined, type NetworkStore } from "../network/network-store.ts";
import type { NetworkService } from "./engine.ts";
import type { Events } from "./events.ts";
import { anyOf, booleanFilter, checkFilters, labelsMatch, type Filters } from "./filters.ts";
import { networkConfig, networkDocument } from "./network-documents.ts";
import type { ShownEndpoint } from "./plain-endpoints.ts";
import type { EndpointSettings, NetworkCreate, NetworkInspect } from "./types/network.ts";
import { untilFilter } from "./until-filter.ts";

/** What a container has to do with networks, as {@link Networks} needs it. `NetworkConnections` is one. */
export interface ContainersOnNetworks {
  nameOf(containerId: string): string | undefined;
  /** Names of the containers, running or not, that have the network. */
  users(networkName: string): string[];
  /** Running containers on a network without links, `host` or `none`. */
  plainEndpoints(network: Network): ShownEndpoint[];
  connect(network: Network, container: string, asked: EndpointSettings): Promise<string>;
  disconnect(network: Network, container: string): Promise<string>;
}

export interface NetworksInput {
  readonly store: NetworkStore;
  /** Endpoints in use of a network: `BridgeDriver.endpoints`. */
  readonly endpoints: (networkId: string) => readonly Endpoint[];
  readonly containers: ContainersOnNetworks;
  readonly events: Pick<Events, "publish">;
}

/** The networks of a `LocalEngine`. */
export class Networks implements NetworkService {
  readonly #input: NetworksInput;

  constructor(input: NetworksInput) {
    this.#input = input;
  }

  async list(o: { filters?: Filters } = {}): Promise<NetworkInspect[]> {
    const { filters } = o;
    checkFilters(filters, ["id", "name", "label", "label!", "driver", "type", "scope", "dangling"]);
    for (const type of filters?.["type"] ?? []) {
      if (type !== "custom" && type !== "builtin") {
        throw new SlipwayError("invalid_argument", `invalid filter: 'type'='${type}'`);
      }
    }
    const found = this.#input.store.list().filter((network) => this.#matches(network, filters));
    // Docker's list shows no containers; inspect does.
    return found.map((network) => networkDocument(network, [], () => undefined));
  }

  async create(spec: NetworkCreate): Promise<{ Id: string; Warning: string }> {
    const network = await this.#input.store.create(networkConfig(spec));
    this.#publish("create", network);
    return { Id: network.id, Warning: "" };
  }

  async inspect(name: string, o: { scope?: string } = {}): Promise<NetworkInspect> {
    const { store, endpoints, containers } = this.#input;
    // All of them are of this machine.
    if (o.scope && o.scope !== "local") throw new SlipwayError("not_found", `network ${name} not found`);
    const network = store.get(name);
    const found = network.driver === "bridge" ? endpoints(network.id) : containers.plainEndpoints(network);
    return networkDocument(network, found, (id) => containers.nameOf(id));
  }

  async remove(name: string): Promise<void> {
    const network = this.#input.store.get(name);
    await this.#input.store.remove(network);
    this.#publish("destroy", network);
  }

  async connect(name: string, container: string, endpoint: EndpointSettings = {}): Promise<void> {
    const network = this.#bridge(name);
    const id = await this.#input.containers.connect(network, container, endpoint);
    this.#publish("connect", network, { container: id });
  }

  async disconnect(name: string, container: string, o: { force?: boolean } = {}): Promise<void> {
    const network = this.#bridge(name);
    try {
      const id = await this.#input.containers.disconnect(network, container);
      this.#publish("disconnect", network, { container: id });
    } catch (error) {
      if (o.force !== true || !isCode(error, "not_found")) throw error;
      throw new SlipwayError("not_found", `endpoint ${container} not found`, { cause: error });
    }
  }

  async prune(o: { filters?: Filters } = {}): Promise<{ NetworksDeleted: string[] }> {
    const { filters } = o;
    checkFilters(filters, ["until", "label", "label!"]);
    const isOld = untilFilter(filters);
    const deleted: string[] = [];
    for (const network of this.#input.store.list()) {
      const selected = labelsMatch(filters, network.labels) && isOld(Date.parse(network.createdAt));
      if (!selected || isPredefined(network.name) || this.#isUsed(network)) continue;
      await this.remove(network.id);
      deleted.push(network.name);
    }
    return { NetworksDeleted: deleted };
  }

  #matches(network: Network, filters: Filters | undefined): boolean {
    const dangling = booleanFilter(filters, "dangling");
    return (
      anyOf(filters, "id", (value) => network.id.startsWith(value)) &&
      anyOf(filters, "name", (value) => network.name.includes(value)) &&
      anyOf(filters, "driver", (value) => network.driver === value) &&
      anyOf(filters, "scope", (value) => value === "local") &&
      anyOf(filters, "type", (value) => isPredefined(network.name) === (value === "builtin")) &&
      labelsMatch(filters, network.labels) &&
      (dangling === undefined || dangling === (!isPredefined(network.name) && !this.#isUsed(network)))
    );
  }

  #isUsed(network: Network): boolean {
    const { endpoints, containers } = this.#input;
    return endpoints(network.id).length > 0 || containers.users(network.name).length > 0;
  }

  #bridge(name: string): Network {
    const network = this.#input.store.get(name);
    if (network.driver === "bridge") return network;
    const what =
      network.name === "host"
        ? "container cannot be disconnected from host network or connected to host network"
        : "container cannot be connected to multiple networks with one of the networks in private (none) mode";
    throw new SlipwayError("invalid_argument", what);
  }

  #publish(action: string, network: Network, more: Record<string, string> = {}): void {
    this.#input.events.publish("network", action, network.id, {
      name: network.name,
      type: network.driver,
      ...more,
    });
  }
}
