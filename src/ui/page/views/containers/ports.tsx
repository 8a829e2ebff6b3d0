import type { Port } from "../../../../engine/types/container.ts";

interface PortsProps {
  readonly ports: readonly Port[];
}

/** Published ports as links to this host, the others as text; each once, whatever addresses it has. */
export function Ports({ ports }: PortsProps) {
  const shown = new Map<string, Port>();
  for (const port of ports) shown.set(`${port.PublicPort ?? ""}:${port.PrivatePort}/${port.Type}`, port);
  if (shown.size === 0) return <span class="muted">–</span>;
  return (
    <span class="port-list number">
      {[...shown.entries()].map(([key, port]) => (
        <PortText key={key} port={port} />
      ))}
    </span>
  );
}

function PortText({ port }: { readonly port: Port }) {
  const { PublicPort: open, PrivatePort: inside, Type: type } = port;
  const kind = type === "tcp" ? "" : `/${type}`;
  if (open === undefined) return <span class="muted">{`${inside}${kind}`}</span>;
  const text = open === inside ? `${open}${kind}` : `${open} → ${inside}${kind}`;
  if (type !== "tcp") return <span>{text}</span>;
  const scheme = inside === 443 || inside === 8443 ? "https" : "http";
  return (
    <a href={`${scheme}://${location.hostname}:${open}/`} target="_blank" rel="noreferrer noopener">
      {text}
    </a>
  );
}
