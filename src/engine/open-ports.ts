import { isActive, type ContainerRecord } from "./containers/record.ts";

/**
 * A warning for published ports that whoever reaches this host can reach too: a firewall of the host does not always stand
 * before them. None when there are none. Pure.
 */
export function openPorts(records: readonly ContainerRecord[]): string[] {
  const open = records.flatMap((record) => {
    const held = record.lazy?.armed === true ? record.lazy.ports : [];
    const ports = [
      ...(isActive(record) ? Object.values(record.endpoints).flatMap((each) => each.ports) : []),
      ...held,
    ];
    const everywhere = ports.filter(({ hostIP }) => ["", "0.0.0.0", "::"].includes(hostIP));
    return everywhere.map(({ hostPort, protocol }) => `${hostPort}/${protocol} (${record.name})`);
  });
  if (open.length === 0) return [];
  const shown = [...new Set(open)].toSorted().join(", ");
  const advice = "publish them on an address (-p 127.0.0.1:8080:80), or see slipway engine --publish-address";
  return [`WARNING: Published ports are open to the world: ${shown}; ${advice}`];
}
