/** A network as it is recorded: what `network inspect` shows. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: "bridge" | "host" | "null";
  /** Bridge link on the host, at most 15 bytes. Empty for host and null. */
  readonly bridge: string;
  readonly subnets: readonly Subnet[];
  readonly internal: boolean;
  /** A mark that is kept and shown: every network here can be joined. */
  readonly attachable?: true;
  /** Absent: it has IPv4. */
  readonly enableIPv4?: false;
  readonly enableIPv6: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: string;
}

export interface Subnet {
  /** CIDR, e.g. `172.17.0.0/16` */
  readonly subnet: string;
  readonly gateway: string;
  /** Addresses are taken from here only, when given. CIDR. */
  readonly ipRange?: string;
  /** Addresses that are never given away, by a name. */
  readonly reserved?: Readonly<Record<string, string>>;
}

export interface NetworkConfig {
  readonly name: string;
  readonly driver?: "bridge";
  readonly subnets?: readonly {
    subnet: string;
    gateway?: string;
    ipRange?: string;
    reserved?: Readonly<Record<string, string>>;
  }[];
  readonly internal?: boolean;
  readonly attachable?: boolean;
  /** Default: true */
  readonly enableIPv4?: boolean;
  readonly enableIPv6?: boolean;
  readonly options?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** One published port. `hostIP` empty: all addresses, v4 and v6. `hostPort` 0: a free one is chosen. */
export interface PortMapping {
  readonly protocol: "tcp" | "udp";
  readonly containerPort: number;
  readonly hostIP: string;
  readonly hostPort: number;
  /** With it a free port of `hostPort` to `hostPortEnd`, both included, is chosen. Never recorded. */
  readonly hostPortEnd?: number;
}

export interface EndpointConfig {
  readonly containerId: string;
  readonly containerName: string;
  readonly aliases?: readonly string[];
  readonly address?: string;
  readonly address6?: string;
  readonly macAddress?: string;
  /** Further addresses of 169.254.0.0/16 and fe80::/10. */
  readonly linkLocal?: readonly string[];
  /** Of a container's networks, the one with the highest has the default route; of equals the first connected. */
  readonly gatewayPriority?: number;
  readonly ports: readonly PortMapping[];
  /** Resolvers for all names but those of the network; absent or empty: the host's. */
  readonly dns?: readonly string[];
}

/** A container's place on a network, as recorded. */
export interface Endpoint {
  readonly id: string;
  readonly networkId: string;
  readonly containerId: string;
  /** Path of the namespace. Absent in records of before. */
  readonly netns?: string;
  readonly gatewayPriority?: number;
  readonly linkLocal?: readonly string[];
  /** link name inside the container */
  readonly link: string;
  readonly macAddress: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly address6: string;
  readonly prefixLength6: number;
  readonly gateway6: string;
  /** With every `hostPort` chosen. */
  readonly ports: readonly PortMapping[];
  /** What the other containers of the network can call it. */
  readonly names?: readonly string[];
  readonly dns?: readonly string[];
  /** Address that answers the names of this network and all others; absent: there is none here. */
  readonly nameserver?: string;
}

export interface NetworkDriver {
  /** Throws `invalid_argument` (bad or overlapping subnet), `conflict` (name), `resource_exhausted` (no free pool). */
  create(config: NetworkConfig): Promise<Network>;
  /**
   * Connects the network namespace at the path `netns`. Throws `conflict` when a port or an address is taken:
   * nothing is changed then.
   */
  attach(network: Network, netns: string, config: EndpointConfig): Promise<Endpoint>;
  /** Idempotent; also after the namespace is gone. */
  detach(endpoint: Endpoint): Promise<void>;
  /** Throws `conflict` while endpoints are attached. */
  delete(network: Network): Promise<void>;
}
