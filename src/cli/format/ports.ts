import type { Port } from "../../engine/types/container.ts";

interface Run {
  readonly ip: string;
  readonly type: string;
  readonly from: number;
  to: number;
}

/**
 * `443/tcp, 0.0.0.0:8080-8081->8080-8081/tcp, [::]:80->8080/tcp`: neighbours are folded where the port is the same
 * on both sides; ports that are published under another number come last, one by one. Pure.
 */
export function portText(ports: readonly Port[]): string {
  if (ports.length === 0) return "";
  const sorted = ports.toSorted(order);
  const isMoved = ({ IP = "", PublicPort = 0, PrivatePort }: Port) => IP !== "" && PublicPort !== PrivatePort;
  const moved = sorted.filter(isMoved).map(({ IP = "", PublicPort = 0, PrivatePort, Type }) => {
    return `${address(IP)}:${PublicPort}->${PrivatePort}/${Type}`;
  });
  return [...foldedRuns(sorted.filter((port) => !isMoved(port))), ...moved].join(", ");
}

/** Runs that a later port of their kind broke come first, then those that stand. */
function foldedRuns(ports: readonly Port[]): string[] {
  const open = new Map<string, Run>();
  const broken: Run[] = [];
  for (const { IP: ip = "", PrivatePort, Type: type } of ports) {
    const key = `${ip}/${type}`;
    const run = open.get(key);
    if (run !== undefined && PrivatePort === run.to + 1) {
      run.to = PrivatePort;
      continue;
    }
    if (run !== undefined) broken.push(run);
    open.set(key, { ip, type, from: PrivatePort, to: PrivatePort });
  }
  return [...broken, ...open.values()].map(runText);
}

function runText({ ip, type, from, to }: Run): string {
  const span = from === to ? String(from) : `${from}-${to}`;
  return ip === "" ? `${span}/${type}` : `${address(ip)}:${span}->${span}/${type}`;
}

function address(ip: string): string {
  return ip.includes(":") ? `[${ip}]` : ip;
}

function order(a: Port, b: Port): number {
  return (
    a.PrivatePort - b.PrivatePort ||
    byText(a.IP ?? "", b.IP ?? "") ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    byText(a.Type, b.Type)
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
