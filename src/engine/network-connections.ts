import { SlipwayError } from "../errors.ts";
import type { Endpoint, Network, PortMapping } from "../network/driver.ts";
import { changeNetworkFiles } from "./containers/network-files.ts";
import { portMappings } from "./containers/create/host-config.ts";
import type { ContainerHost } from "./containers/host.ts";
import { linkedIds } from "./containers/links.ts";
import { attachTo, checkEndpointSettings } from "./containers/network.ts";
import { isActive, type ContainerRecord } from "./containers/record.ts";
import { plainEndpoints, type ShownEndpoint } from "./plain-endpoints.ts";
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

  plainEndpoints(network: Network): ShownEndpoint[] {
    return plainEndpoints(network, this.#host.store.all());
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
      const ports = unpublished(record);
      const endpoint = await attachTo(this.#host, record, netns, network.name, asked, ports);
      await changeNetworkFiles(this.#host, record, () => {
        record.endpoints[network.name] = endpoint;
      });
    }
    record.networks[network.name] = { ...asked, NetworkID: network.id };
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
      const the = isActive(record) ? "" : "the ";
      const what = `container ${record.id} is not connected to ${the}network ${network.name}`;
      throw new SlipwayError("forbidden", what);
    }
    const endpoint = record.endpoints[network.name];
    if (endpoint !== undefined) {
      await this.#host.bridges.detach(endpoint);
      await changeNetworkFiles(this.#host, record, () => delete record.endpoints[network.name]);
    }
    delete record.networks[network.name];
    this.#host.store.put(record);
    if (endpoint !== undefined && endpoint.ports.length > 0) await this.#publishElsewhere(record, endpoint);
    return id;
  }

  /** The ports keep their numbers, and go over to the next network that is not internal. */
  async #publishElsewhere(record: ContainerRecord, { ports }: Endpoint): Promise<void> {
    const next = Object.keys(record.endpoints).find((name) => !this.#host.networks.get(name).internal);
    const endpoint = next === undefined ? undefined : record.endpoints[next];
    if (next === undefined || endpoint === undefined) return;
    const config = { containerName: record.name, ports };
    record.endpoints[next] = await this.#host.bridges.publish(endpoint, config);
    this.#host.store.put(record);
  }
}

/** What it publishes, while none of its networks does. */
function unpublished(record: ContainerRecord): PortMapping[] {
  const isPublished = Object.values(record.endpoints).some(({ ports }) => ports.length > 0);
  return isPublished || record.lazy !== undefined ? [] : portMappings(record.config, record.hostConfig);
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
