import { randomBytes } from "node:crypto";
import { SlipwayError } from "../errors.ts";
import { BackgroundWork } from "../internal/background-work.ts";
import { CleanupStack } from "../internal/cleanup-stack.ts";
import { settleAll } from "../internal/settle-all.ts";
import { checkEndpoint } from "./check-endpoint.ts";
import { macOf } from "./address-pool.ts";
import type { Endpoint, EndpointConfig, Network, NetworkConfig, NetworkDriver } from "./driver.ts";
import { EndpointPorts, type EndpointPortsOptions } from "./endpoint-ports.ts";
import { Home } from "./home.ts";
import type { JointWork } from "../internal/joint-work.ts";
import { hostRoutes } from "./host-routes.ts";
import {
  bridgeCommands,
  containerCommands,
  defaultRouteCommands,
  deleteLink,
  hostCommands,
  hostLink,
  ipInside,
  type LinkPair,
  linkPairs,
  removeIdleBridge,
  repairCommands,
} from "./links.ts";
import {
  allocateBoth,
  cidrsOf,
  defaultOf,
  freeLink,
  liveNetwork,
  releaseAddresses,
  subnetOf,
  takeAddresses,
  type LiveNetwork,
} from "./live-network.ts";
import { hasNames, NameServer } from "./name-server.ts";
import { checkLinkName, planNetwork } from "./network-plan.ts";
import { networkElements, portElements } from "./rules.ts";
import { RuleTable } from "./rule-table.ts";
import { forgetFlowsOf, forgetFlowsTo } from "./udp-flows.ts";

export interface BridgeDriverOptions extends EndpointPortsOptions {
  /** Name of the nftables table, `slipway` but in tests. */
  readonly table: string;
  /** `<run>/dns`; without it, or without aardvark-dns, containers do not find each other by name. */
  readonly dnsDirectory?: string;
  /** Default: this process's network namespace. */
  readonly home?: Home;
}

/**
 * Bridge networks of Linux: a bridge a network, a pair of links an endpoint, one nftables table for all. Everything in
 * the kernel outlives the engine; {@link BridgeDriver.restore} must be called once at start, before anything else, and
 * rebuilds what lives in memory from the records.
 */
export class BridgeDriver implements NetworkDriver {
  readonly #home: Home;
  readonly #links: JointWork<LinkPair>;
  readonly #table: RuleTable;
  readonly #ports: EndpointPorts;
  readonly #networks = new Map<string, LiveNetwork>();
  readonly #names: NameServer | undefined;
  /** Endpoints that are being detached: already nobody's, though their address is not free yet. */
  readonly #gone = new Set<string>();
  readonly #leaving = new BackgroundWork();

  constructor(options: BridgeDriverOptions) {
    const { table, dnsDirectory, home = new Home() } = options;
    this.#ports = new EndpointPorts(options);
    this.#home = home;
    this.#links = linkPairs(home);
    this.#table = new RuleTable(table, home);
    this.#names = dnsDirectory === undefined ? undefined : NameServer.find(dnsDirectory, home);
  }

  /**
   * Takes up the recorded bridge networks and the endpoints of running containers: missing bridges are made, the rules
   * are replaced in one transaction, host ports are held again. Others' connections through the rules do not break.
   * Idempotent.
   */
  async restore(networks: readonly Network[], endpoints: readonly Endpoint[]): Promise<void> {
    const bridges = networks.filter(({ driver }) => driver === "bridge");
    for (const network of bridges) this.#networks.set(network.id, liveNetwork(network));
    for (const endpoint of endpoints) this.#takeUp(endpoint);
    const known = endpoints.filter(({ networkId }) => this.#networks.has(networkId));
    await this.#home.bringUpLoopback();
    await this.#home.setSysctl("ipv4/ip_forward", "1");
    await Promise.all([
      ...bridges.map((network) => makeBridge(this.#home, network)),
      this.#table.replace([
        ...bridges.flatMap(networkElements),
        ...known.flatMap((endpoint) => portElements(endpoint, endpoint.ports)),
      ]),
      ...known.map((endpoint) => this.#ports.restore(endpoint)),
    ]);
    await this.#restoreNames();
  }

  async create(config: NetworkConfig): Promise<Network> {
    const others = [...this.#networks.values()].map(({ network }) => network);
    if (others.some(({ name }) => name === config.name)) {
      throw new SlipwayError("conflict", `network with name ${config.name} already exists`);
    }
    const link = config.options?.["com.docker.network.bridge.name"];
    if (link !== undefined) await this.#clearLink(link);
    const routes = await hostRoutes();
    const taken = [...this.#networks.values()].flatMap(({ network }) => cidrsOf(network));
    const id = randomBytes(32).toString("hex");
    const network = planNetwork(config, {
      id,
      createdAt: new Date().toISOString(),
      networks: taken,
      routes,
    });
    if (others.some(({ bridge }) => bridge === network.bridge)) {
      throw new SlipwayError(
        "conflict",
        `bridge name "${network.bridge}" is already used by another network`,
      );
    }
    // Known at once, so that a second network made meanwhile takes other addresses.
    this.#networks.set(id, liveNetwork(network));
    try {
      await Promise.all([makeBridge(this.#home, network), this.#table.add(networkElements(network))]);
    } catch (error) {
      await this.delete(network).catch(() => undefined);
      throw error;
    }
    return network;
  }

  async attach(network: Network, netns: string, config: EndpointConfig): Promise<Endpoint> {
    checkEndpoint(netns, config);
    // Who asks for a port or an address may mean one that is just being given back.
    const asks = config.ports.length > 0 || config.address !== undefined || config.address6 !== undefined;
    if (asks) await this.#leaving.settled();
    await using cleanup = new CleanupStack();
    const state = this.#stateOf(network.id);
    const id = randomBytes(32).toString("hex");
    const draft = this.#plan(state, id, netns, config);
    state.endpoints.set(id, draft);
    cleanup.push(() => this.detach(draft));
    const endpoint = { ...draft, ports: await this.#ports.reserve(draft, config, network) };
    state.endpoints.set(id, endpoint);
    await settleAll([
      this.#connect(network, endpoint, netns),
      this.#table.add(portElements(endpoint, endpoint.ports)),
      this.#updateNames(network),
    ]);
    forgetFlowsTo(endpoint);
    cleanup.release();
    return endpoint;
  }

  /**
   * Publishes ports on an endpoint that has none: what published them before was detached. The endpoint as it is then. Throws as
   * {@link BridgeDriver.attach} does.
   */
  async publish(
    endpoint: Endpoint,
    config: Pick<EndpointConfig, "containerName" | "ports">,
  ): Promise<Endpoint> {
    await this.#leaving.settled();
    const state = this.#stateOf(endpoint.networkId);
    const published = { ...endpoint, ports: await this.#ports.reserve(endpoint, config, state.network) };
    try {
      await this.#table.add(portElements(published, published.ports));
    } catch (error) {
      await this.#ports.release(endpoint.id);
      throw error;
    }
    state.endpoints.set(endpoint.id, published);
    forgetFlowsTo(published);
    return published;
  }

  /** Gives an endpoint other names. The endpoint as it is then. */
  async rename(endpoint: Endpoint, names: readonly string[]): Promise<Endpoint> {
    const state = this.#stateOf(endpoint.networkId);
    const renamed = { ...endpoint, names };
    state.endpoints.set(endpoint.id, renamed);
    await this.#updateNames(state.network);
    return renamed;
  }

  async detach(endpoint: Endpoint): Promise<void> {
    this.#gone.add(endpoint.id);
    const done = this.#detach(endpoint).finally(() => this.#gone.delete(endpoint.id));
    this.#leaving.run(
      () => done,
      () => undefined,
    );
    await done;
  }

  async #detach(endpoint: Endpoint): Promise<void> {
    const state = this.#networks.get(endpoint.networkId);
    const known = state?.endpoints.get(endpoint.id) ?? endpoint;
    await settleAll([
      deleteLink(this.#home, hostLink(endpoint.id)),
      this.#table.delete(
        portElements(
          known,
          known.ports.filter(({ hostPort }) => hostPort !== 0),
        ),
      ),
      this.#ports.release(endpoint.id),
    ]);
    forgetFlowsOf(known);
    if (state?.endpoints.delete(endpoint.id) !== true) return;
    releaseAddresses(state, known);
    await this.#moveDefaultRoute(known);
    await this.#updateNames(state.network);
  }

  async delete(network: Network): Promise<void> {
    await this.#leaving.settled();
    const state = this.#networks.get(network.id);
    if (state !== undefined && state.endpoints.size > 0) {
      throw new SlipwayError(
        "forbidden",
        `error while removing network: network ${network.name} has active endpoints`,
      );
    }
    this.#networks.delete(network.id);
    await settleAll([
      deleteLink(this.#home, network.bridge),
      this.#table.delete(networkElements(network)),
      ...(hasNames(network) && this.#names !== undefined ? [this.#names.remove(network)] : []),
    ]);
  }

  /** Endpoints of a network, by ID. */
  endpoints(networkId: string): readonly Endpoint[] {
    const all = [...(this.#networks.get(networkId)?.endpoints.values() ?? [])];
    return all.filter(({ id }) => !this.#gone.has(id));
  }

  /** Frees the host ports in this process. What is in the kernel stays: containers go on. Idempotent. */
  async close(): Promise<void> {
    await this.#ports.releaseAll();
  }

  /** Removes the nftables table as well; for an engine whose root goes away. */
  async uninstall(): Promise<void> {
    await this.close();
    for (const { network } of this.#networks.values()) await deleteLink(this.#home, network.bridge);
    this.#networks.clear();
    await settleAll([this.#table.remove(), this.#names?.stop() ?? Promise.resolve()]);
  }

  /** Who left while no engine ran is forgotten. */
  async #restoreNames(): Promise<void> {
    for (const { network, endpoints } of this.#networks.values()) {
      if (endpoints.size > 0) await this.#updateNames(network);
      else if (hasNames(network)) await this.#names?.remove(network);
    }
  }

  /** The link of a network to be made, if it has a name of its own: nobody's, and its old routes gone. */
  async #clearLink(link: string): Promise<void> {
    checkLinkName(link);
    if ([...this.#networks.values()].some(({ network }) => network.bridge === link)) {
      throw new SlipwayError("conflict", `bridge name "${link}" is already used by another network`);
    }
    await removeIdleBridge(this.#home, link);
  }

  async #updateNames(network: Network): Promise<void> {
    if (hasNames(network)) await this.#names?.update(network, this.endpoints(network.id));
  }

  #stateOf(networkId: string): LiveNetwork {
    const state = this.#networks.get(networkId);
    if (state === undefined) throw new SlipwayError("not_found", `network ${networkId} not found`);
    return state;
  }

  #takeUp(endpoint: Endpoint): void {
    const state = this.#networks.get(endpoint.networkId);
    if (state === undefined) return;
    state.endpoints.set(endpoint.id, endpoint);
    takeAddresses(state, endpoint);
  }

  #plan(state: LiveNetwork, id: string, netns: string, config: EndpointConfig): Endpoint {
    const siblings = this.#endpointsOf(config.containerId);
    const { four, six } = allocateBoth(state, config);
    const internal = state.network.internal;
    return {
      id,
      netns,
      ...(config.gatewayPriority === undefined ? {} : { gatewayPriority: config.gatewayPriority }),
      ...(config.linkLocal === undefined ? {} : { linkLocal: config.linkLocal }),
      networkId: state.network.id,
      containerId: config.containerId,
      link: freeLink(state.network, siblings),
      macAddress: config.macAddress ?? macOf(four.address || six.address),
      address: four.address,
      prefixLength: four.prefixLength,
      gateway: internal ? "" : four.gateway,
      address6: six.address,
      prefixLength6: six.prefixLength,
      gateway6: internal ? "" : six.gateway,
      ports: [],
      names: [config.containerName, ...(config.aliases ?? []), config.containerId.slice(0, 12)],
      ...(config.dns === undefined ? {} : { dns: config.dns }),
      ...this.#nameserver(state.network),
    };
  }

  /** In the order they were connected. */
  #endpointsOf(containerId: string): Endpoint[] {
    return [...this.#networks.values()]
      .flatMap(({ endpoints }) => [...endpoints.values()])
      .filter((endpoint) => endpoint.containerId === containerId && !this.#gone.has(endpoint.id));
  }

  #nameserver(network: Network): { nameserver?: string } {
    const gateway = (subnetOf(network, 4) ?? subnetOf(network, 6))?.gateway ?? "";
    return this.#names === undefined || !hasNames(network) || gateway === "" ? {} : { nameserver: gateway };
  }

  async #connect(network: Network, endpoint: Endpoint, netns: string): Promise<void> {
    await this.#links.add({ link: hostLink(endpoint.id), commands: hostCommands(network, endpoint, netns) });
    const isDefault = defaultOf(this.#endpointsOf(endpoint.containerId))?.id === endpoint.id;
    await ipInside(netns, containerCommands(endpoint, isDefault));
  }

  /** The default route went with its link: the next network of a container that goes on gets it. */
  async #moveDefaultRoute({ containerId }: Endpoint): Promise<void> {
    const next = defaultOf(this.#endpointsOf(containerId));
    if (next?.netns !== undefined) await ipInside(next.netns, defaultRouteCommands(next));
  }
}

async function makeBridge(home: Home, network: Network): Promise<void> {
  const isThere = await home.linkExists(network.bridge);
  await home.ip(isThere ? repairCommands(network) : bridgeCommands(network));
  await home.setSysctl(`ipv4/conf/${network.bridge}/route_localnet`, "1");
  if (!network.enableIPv6) return;
  await home.setSysctl("ipv6/conf/default/forwarding", "1");
  await home.setSysctl("ipv6/conf/all/forwarding", "1");
}
