import type { Endpoint, Network, PortMapping } from "./driver.ts";

/**
 * The whole nftables table as text, with its sets and maps empty. Loading it replaces the table in one transaction.
 *
 * Order of a packet through it:
 * 1. `raw` (before conntrack): nobody reaches the host's 127.0.0.0/8 through a bridge, although `route_localnet` is on.
 * 2. `prerouting` and `output`: what goes to an address of the host and a published port is sent to its container. `::1`
 *    cannot leave the host: the engine's own socket serves it.
 * 3. `forward`: answers; within one bridge; nothing in or out of internal networks; published ports; nothing else into
 *    a bridge, neither from outside nor from another bridge; out is free.
 * 4. `postrouting`: containers go out under the host's address; a container that reaches itself or a neighbour through
 *    a published port, and the host's loopback, get the bridge's address, so that answers come back this way. The
 *    neighbour is known by its address, because bridged packets (br_netfilter) have no incoming link here.
 */
export function tableText(table: string): string {
  return `add table inet ${table}
delete table inet ${table}
table inet ${table} {
  set bridges { type ifname; }
  set internal { type ifname; }
  set outgoing { type ifname; }
  set pairs { type ifname . ifname; }
  set near4 { type ifname . ipv4_addr; flags interval; }
  set near6 { type ifname . ipv6_addr; flags interval; }
  map ports4 { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
  map ports4_any { type inet_proto . inet_service : ipv4_addr . inet_service; }
  map ports6 { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }
  map ports6_any { type inet_proto . inet_service : ipv6_addr . inet_service; }
  chain published {
    meta nfproto ipv4 dnat ip to ip daddr . meta l4proto . th dport map @ports4
    meta nfproto ipv4 dnat ip to meta l4proto . th dport map @ports4_any
    ip6 daddr ::1 return
    meta nfproto ipv6 dnat ip6 to ip6 daddr . meta l4proto . th dport map @ports6
    meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @ports6_any
  }
  chain raw {
    type filter hook prerouting priority raw;
    iifname @bridges ip daddr 127.0.0.0/8 drop
  }
  chain prerouting {
    type nat hook prerouting priority dstnat;
    meta l4proto { tcp, udp } fib daddr type local jump published
  }
  chain output {
    type nat hook output priority -100;
    meta l4proto { tcp, udp } fib daddr type local jump published
  }
  chain forward {
    type filter hook forward priority filter;
    iifname != @bridges oifname != @bridges accept
    ct state established,related accept
    iifname . oifname @pairs accept
    iifname @internal drop
    oifname @internal drop
    ct status dnat accept
    oifname @bridges drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    iifname @outgoing oifname != @bridges masquerade
    ct status dnat oifname . ip saddr @near4 masquerade
    ct status dnat oifname . ip6 saddr @near6 masquerade
    oifname @bridges ip saddr 127.0.0.0/8 masquerade
  }
}
`;
}

/** One entry of a set or map: `key`, and for a map `key : value`. */
export interface Element {
  readonly set: string;
  readonly key: string;
  readonly value?: string;
}

/** What a bridge network is in the table. Docker's options `enable_icc` and `enable_ip_masquerade` are heeded. */
export function networkElements(network: Network): Element[] {
  const link = `"${network.bridge}"`;
  const isOn = (option: string): boolean =>
    network.options[`com.docker.network.bridge.${option}`] !== "false";
  const elements: Element[] = [{ set: "bridges", key: link }];
  if (isOn("enable_icc")) elements.push({ set: "pairs", key: `${link} . ${link}` });
  for (const { subnet } of network.subnets) {
    elements.push({ set: subnet.includes(":") ? "near6" : "near4", key: `${link} . ${subnet}` });
  }
  if (network.internal) elements.push({ set: "internal", key: link });
  else if (isOn("enable_ip_masquerade")) elements.push({ set: "outgoing", key: link });
  return elements;
}

/**
 * The published ports of an endpoint. An address of the host needs a container with one of its family: between the two only the
 * engine's own sockets translate.
 */
export function portElements(
  { address, address6 }: Pick<Endpoint, "address" | "address6">,
  ports: readonly PortMapping[],
): Element[] {
  return ports.flatMap((port) => [
    ...(address === "" ? [] : familyElements(port, { family: 4, address })),
    ...(address6 === "" ? [] : familyElements(port, { family: 6, address: address6 })),
  ]);
}

function familyElements(port: PortMapping, to: { family: 4 | 6; address: string }): Element[] {
  const { hostIP } = port;
  if (hostIP === "" || hostIP === (to.family === 4 ? "0.0.0.0" : "::"))
    return [element(`ports${to.family}_any`, "", port, to.address)];
  if (hostIP.includes(":") !== (to.family === 6)) return [];
  return [element(`ports${to.family}`, hostIP, port, to.address)];
}

function element(set: string, hostIP: string, port: PortMapping, target: string): Element {
  const key = `${port.protocol} . ${port.hostPort}`;
  return {
    set,
    key: hostIP === "" ? key : `${hostIP} . ${key}`,
    value: `${target} . ${port.containerPort}`,
  };
}

/** `nft` text that adds the elements. */
export function addText(table: string, elements: readonly Element[]): string {
  return elements.map((entry) => `add element inet ${table} ${entry.set} { ${entryText(entry)} }\n`).join("");
}

/** Adding first makes the deletion of what is gone already no error, in one transaction. */
export function deleteText(table: string, elements: readonly Element[]): string {
  return elements
    .map((e) => `${addText(table, [e])}delete element inet ${table} ${e.set} { ${e.key} }\n`)
    .join("");
}

function entryText(entry: Element): string {
  return entry.value === undefined ? entry.key : `${entry.key} : ${entry.value}`;
}
