import { SlipwayError } from "../errors.ts";
import type { WireAddress, WireTls } from "../platform/unix-fetch.ts";

/** Where engines that want certificates listen, by Docker's custom. */
const tlsPort = "2376";

/**
 * Where an engine is, from what `DOCKER_HOST` and `-H` take: `unix:///run/slipway/slipway.sock`, an absolute path,
 * `tcp://host:port` or `http://host:port` (port 2375 when missing), and with `tls`, or as `https://`, over TLS (port
 * 2376). `ssh://` is no address, but a way to one: {@link sshTunnel}. Throws `invalid_argument`, and
 * `not_implemented` for what Windows alone has.
 */
export function parseHost(host: string, tls?: WireTls): WireAddress {
  if (host.startsWith("/")) return { socketPath: host };
  const match = /^([a-z]+):\/\/(.*)$/.exec(host);
  const [, scheme, rest = ""] = match ?? [];
  switch (scheme) {
    case "unix":
      if (!rest.startsWith("/")) throw invalid(host, "the socket's path must be absolute");
      return { socketPath: rest };
    case "tcp":
    case "http":
      return tcpAddress(host, rest, tls);
    case "https":
      return tcpAddress(host, rest, tls ?? {});
    case "ssh":
    case "npipe":
    case "fd":
      throw new SlipwayError(
        "not_implemented",
        `Engine hosts of the form "${scheme}://" are not supported yet`,
      );
    default:
      throw invalid(host, "expected unix:///path or tcp://host:port");
  }
}

/** `unix:///path` or `tcp://host:port`, for messages. */
export function formatAddress(address: WireAddress): string {
  return "socketPath" in address ? `unix://${address.socketPath}` : `tcp://${address.host}:${address.port}`;
}

function tcpAddress(host: string, rest: string, tls: WireTls | undefined): WireAddress {
  const [, name = rest, port = tls === undefined ? "2375" : tlsPort] =
    /^(.*?):(\d{1,5})\/?$/.exec(rest) ?? [];
  const plain = name.replace(/^\[([\da-fA-F:.]+)\]$/, "$1").replace(/\/$/, "");
  const isName = /^[\w.-]+$/.test(plain) || (plain !== name && plain.includes(":"));
  if (!isName || Number(port) > 65535) throw invalid(host, "expected tcp://host:port");
  return { host: plain, port: Number(port), ...(tls !== undefined && { tls }) };
}

function invalid(host: string, why: string): SlipwayError {
  return new SlipwayError("invalid_argument", `Invalid engine host "${host}": ${why}`);
}
