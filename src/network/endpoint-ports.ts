import { isIP, type Socket } from "node:net";
import { SlipwayError, errorMessage } from "../errors.ts";
import type { Endpoint, EndpointConfig, Network, PortMapping } from "./driver.ts";
import { PortRegistry, type PortTarget } from "./port-registry.ts";

export interface EndpointPortsOptions {
  /** Where a port is published that names no address, on networks that name none. Default: on all of the host's. */
  readonly publishAddress?: string | undefined;
  /** How the host reaches containers, when no rule of the table leads there. */
  readonly dial?: ((address: string, port: number) => Promise<Socket>) | undefined;
  /** As `dial`, for streams of framed datagrams. */
  readonly dialUdp?: ((address: string, port: number) => Promise<Socket>) | undefined;
}

/** The host's ports of endpoints, as networks and the engine want them bound. */
export class EndpointPorts {
  readonly #registry = new PortRegistry();
  readonly #options: EndpointPortsOptions;

  /** Throws `invalid_argument` for what is no address. */
  constructor(options: EndpointPortsOptions) {
    const { publishAddress = "" } = options;
    if (publishAddress !== "" && isIP(publishAddress) === 0)
      throw new SlipwayError("invalid_argument", `invalid publish address "${publishAddress}"`);
    this.#options = options;
  }

  /** Holds the ports of a recorded endpoint again. */
  async restore(endpoint: Endpoint): Promise<void> {
    await this.#registry.restore(endpoint.id, endpoint.ports, this.#target(endpoint));
  }

  /**
   * Takes the ports for an endpoint. Nothing outside may reach an internal network: its ports are not published, as in
   * Docker.
   */
  async reserve(
    endpoint: Endpoint,
    config: Pick<EndpointConfig, "containerName" | "ports">,
    network: Network,
  ): Promise<Endpoint["ports"]> {
    if (network.internal) return [];
    const ports = config.ports.map(boundTo(network, this.#options.publishAddress ?? ""));
    try {
      return await this.#registry.reserve(endpoint.id, ports, this.#target(endpoint));
    } catch (error) {
      const where = `endpoint ${config.containerName} (${endpoint.id})`;
      const message = `driver failed programming external connectivity on ${where}: ${errorMessage(error)}`;
      const code = error instanceof SlipwayError ? error.code : "internal";
      throw new SlipwayError(code, message, { cause: error });
    }
  }

  async release(endpointId: string): Promise<void> {
    await this.#registry.release(endpointId);
  }

  async releaseAll(): Promise<void> {
    await this.#registry.releaseAll();
  }

  #target(endpoint: Endpoint): PortTarget {
    const { dial, dialUdp } = this.#options;
    if (dial === undefined) return endpoint;
    const { address, address6 } = endpoint;
    const to = address || address6;
    return {
      address,
      address6,
      dial: (port) => dial(to, port),
      ...(dialUdp && { dialUdp: (port) => dialUdp(to, port) }),
    };
  }
}

/** The address of the host that ports are published on when none is asked for: Docker's option, or the engine's. */
function boundTo(network: Network, otherwise: string): (port: PortMapping) => PortMapping {
  const address = network.options["com.docker.network.bridge.host_binding_ipv4"] ?? otherwise;
  return (port) => (port.hostIP === "" ? { ...port, hostIP: address } : port);
}
