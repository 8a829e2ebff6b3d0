import type { Port } from "../../engine/types/container.ts";

/** `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 443/tcp`: runs of ports are folded as Docker does. Pure. */
export function portText(ports: readonly Port[]): string {
  const sorted = ports.toSorted((a, b) => a.PrivatePort - b.PrivatePort || (a.Type < b.Type ? -1 : 1));
  const groups: { ip: string; type: string; from: number; to: number; publicFrom: number }[] = [];
  for (const { IP = "", PrivatePort, PublicPort = 0, Type } of sorted) {
    const run = groups.find(
      (group) =>
        group.ip === IP &&
        group.type === Type &&
        group.to + 1 === PrivatePort &&
        (PublicPort === 0
          ? group.publicFrom === 0
          : group.publicFrom + (group.to - group.from) + 1 === PublicPort),
    );
    if (run === undefined)
      groups.push({ ip: IP, type: Type, from: PrivatePort, to: PrivatePort, publicFrom: PublicPort });
    else run.to = PrivatePort;
  }
  return groups.map(groupText).join(", ");
}

function groupText(group: {
  ip: string;
  type: string;
  from: number;
  to: number;
  publicFrom: number;
}): string {
  const length = group.to - group.from;
  const span = (first: number) => (length === 0 ? String(first) : `${first}-${first + length}`);
  const inside = `${span(group.from)}/${group.type}`;
  if (group.publicFrom === 0) return inside;
  const ip = group.ip.includes(":") ? `[${group.ip}]` : group.ip;
  return `${ip}:${span(group.publicFrom)}->${inside}`;
}
