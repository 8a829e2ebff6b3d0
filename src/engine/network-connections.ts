import { SlipwayError } from "../errors.ts";
import type { Network } from "../network/driver.ts";
import type { ContainerHost } from "./containers/host.ts";
import { linkedIds } from "./containers/links.ts";
import { attachTo, checkEndpointSettings } from "./containers/network.ts";
import { isActive, type ContainerRecord } from "./containers/record.ts";
import type { EndpointSettings } from "./types/network.ts";

/** Connects containers to networks after their creation, and disconnects them: running ones at once, others at their start. */
export class NetworkConnections {
  readonly #host: ContainerHost;

  constructor(host: ContainerHost) {
    this.#host = host;
  }

  /** The name of a container; undefined when it is gone. */
  nameOf(containerId: string): string | undefined {
    return this.#host.store.byId(containerId)?.name;
  }

  /** Containers, running or not, that have the network, by name. */
  users(networkName: string): string[] {
    const all = this.#host.store.all();
    return all.filter(({ networks }) => Object.hasOwn(networks, networkName)).map(({ name }) => name);
  }

  /** The ID of the container. Throws `not_found`, `forbidden` when connected, and what the driver throws. */
  async connect(network: Network, container: string, asked: EndpointSettings): Promise<string> {
    const { id } = this.#host.store.get(container);
    using _lock = await this.#host.locks.lock(id);
    const record = this.#host.store.get(id);
    checkMode(record);
    checkEndpointSettings(asked);
    if (Object.hasOwn(record.networks, network.name)) {
      const what = `endpoint with name ${record.name} already exists in network ${network.name}`;
      throw new SlipwayError("forbidden", what);
    }
    if (isActive(record)) {
      const netns = this.#host.netns.path(id);
      record.endpoints[network.name] = await attachTo(this.#host, record, netns, network.name, asked, []);
    }
    record.networks[network.name] = asked;
    record.linked = linkedIds(this.#host, record);
    this.#host.store.put(record);
    return id;
  }

  /** The ID of the container. Throws `not_found`, and `forbidden` when it is not connected. */
  async disconnect(network: Network, container: string): Promise<string> {
    const { id } = this.#host.store.get(container);
    using _lock = await this.#host.locks.lock(id);
    const record = this.#host.store.get(id);
    if (!Object.hasOwn(record.networks, network.name)) {
      const what = `container ${record.id} is not connected to network ${network.name}`;
      throw new SlipwayError("forbidden", what);
    }
    const endpoint = record.endpoints[network.name];
    if (endpoint !== undefined) await this.#host.bridges.detach(endpoint);
    delete record.endpoints[network.name];
    delete record.networks[network.name];
    this.#host.store.put(record);
    return id;
  }
}

function checkMode(record: ContainerRecord): void {
  const mode = record.hostConfig.NetworkMode ?? "bridge";
  if (mode === "host" || mode.startsWith("container:")) {
    throw new SlipwayError(
      "conflict",
      "container sharing network namespace with another container or host cannot be connected to any other network",
    );
  }
  if (mode === "none") {
    throw new SlipwayError(
      "conflict",
      "container cannot be connected to multiple networks with one of the networks in private (none) mode",
    );
  }
}
