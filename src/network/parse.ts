import { isIP } from "../internal/is-ip.ts";
import { SlipwayError } from "../errors.ts";

/** Engine API `PortBinding`. `HostPort`: a number, a range `8000-8010`, or empty for any free port. */
export interface HostBinding {
  HostIp: string;
  HostPort: string;
}

/** What `-p` options ask for, keyed `80/tcp`. */
export interface PortSpecs {
  readonly exposed: Record<string, Record<string, never>>;
  readonly bindings: Record<string, HostBinding[]>;
}

/**
 * Parses the values of `-p`: `[[IP:][HOST[-HOST]]:]CONTAINER[-CONTAINER][/PROTOCOL]`, an IPv6 address bare or in
 * brackets, or the long form `target=80,published=8080`. Pure. Throws `invalid_argument`.
 */
export function parsePortSpecs(specs: readonly string[]): PortSpecs {
  const result: PortSpecs = { exposed: {}, bindings: {} };
  for (const { port, binding } of specs.flatMap((spec) => parsePortSpec(shortForm(spec)))) {
    result.exposed[port] = {};
    (result.bindings[port] ??= []).push(binding);
  }
  return result;
}

/** One short `-p` value: an entry for each port of the container, in order. Pure. Throws `invalid_argument`. */
export function parsePortSpec(spec: string): { port: string; binding: HostBinding }[] {
  const parts = splitParts(spec);
  const { ports, protocol } = splitProtocol(parts.container);
  if (ports === "") throw invalid(`no port specified: ${spec}<empty>`);
  const HostIp = checkIP(parts.ip, spec);
  const container = range(ports, "containerPort", spec);
  const host = parts.host === "" ? undefined : range(parts.host, "hostPort", spec);
  const [single, many] = [container.end === container.begin, container.end - container.begin];
  if (host !== undefined && host.end - host.begin !== many && !single) {
    throw invalid(`invalid ranges specified for container and host Ports: '${ports}' and '${parts.host}'`);
  }
  return Array.from({ length: many + 1 }, (_, index) => ({
    port: `${container.begin + index}/${protocol}`,
    binding: { HostIp, HostPort: hostPort(host, index, single) },
  }));
}

/** `80`, `8000-8010/udp`: the ports of `--expose`, as `80/tcp`. Pure. Throws `invalid_argument`. */
export function parseExposed(spec: string): string[] {
  const { ports, protocol } = splitProtocol(spec);
  if (ports.includes(":")) throw invalid(`invalid port format for --expose: ${spec}`);
  const { begin, end } = parsePortRange(ports);
  return Array.from({ length: end - begin + 1 }, (_, index) => `${begin + index}/${protocol}`);
}

/** `8000` or `8000-8010`. Pure. Throws `invalid_argument`. */
export function parsePortRange(text: string): { begin: number; end: number } {
  if (text === "") throw invalid("empty string specified for ports");
  const dash = text.indexOf("-");
  if (dash < 0) {
    const port = portNumber(text, "start ");
    return { begin: port, end: port };
  }
  const begin = portNumber(text.slice(0, dash), "start ");
  const end = portNumber(text.slice(dash + 1), "end ");
  if (end < begin) throw invalid(`invalid port range: ${text}`);
  return { begin, end };
}

/** A decimal number from 0 to 65535, leading zeros allowed; `what` goes into the message. */
export function portNumber(text: string, what = ""): number {
  if (text === "") throw invalid(`invalid ${what}port '': value is empty`);
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`invalid ${what}port '${text}': invalid syntax`);
  const port = Number(text);
  if (port < 0 || port > 65535) {
    throw invalid(`invalid ${what}port '${text}': value out of range (0–65535)`);
  }
  return port;
}

/** `80-90/udp` → `80-90`, `udp`; the protocol is `tcp` when none is given. An empty port makes both empty. */
export function splitProtocol(text: string): { ports: string; protocol: string } {
  const [ports = "", ...rest] = text.split("/");
  if (ports === "") return { ports: "", protocol: "" };
  return { ports, protocol: rest.join("/") === "" ? "tcp" : checkProtocol(rest.join("/")) };
}

function checkProtocol(protocol: string): string {
  const lower = protocol.toLowerCase();
  if (["tcp", "udp", "sctp"].includes(lower)) return lower;
  throw invalid(`invalid proto: ${protocol}`);
}

function splitParts(spec: string): { ip: string; host: string; container: string } {
  const parts = spec.split(":");
  const container = parts.pop() ?? "";
  const host = parts.pop() ?? "";
  return { ip: parts.join(":"), host, container };
}

/** Brackets may stand around IPv6 alone. */
function checkIP(text: string, spec: string): string {
  if (text === "") return "";
  const bracketed = /^\[(.*)\]$/.exec(text)?.[1];
  if (bracketed !== undefined ? isIP(bracketed) === 6 : isIP(text) !== 0) return bracketed ?? text;
  throw invalid(`invalid IP address: ${bracketed ?? text} in "${spec}"`);
}

function range(text: string, what: string, spec: string): { begin: number; end: number } {
  try {
    return parsePortRange(text);
  } catch (cause) {
    throw new SlipwayError("invalid_argument", `invalid ${what}: ${text} in "${spec}"`, { cause });
  }
}

/** One container port and a range of the host: the engine chooses from the range. */
function hostPort(host: { begin: number; end: number } | undefined, index: number, single: boolean): string {
  if (host === undefined) return "";
  if (single && host.end !== host.begin) return `${host.begin}-${host.end}`;
  return String(host.begin + index);
}

/** `target=80,published=8080,protocol=udp` in the short form; others unchanged. */
function shortForm(spec: string): string {
  if (!spec.includes("=")) return spec;
  const fields = new Map<string, string>();
  for (const field of spec.split(",")) {
    const [key = "", ...value] = field.toLowerCase().split("=");
    if (value.length === 0) throw invalid(`invalid field ${field}`);
    if (!["target", "published", "protocol", "mode"].includes(key)) throw invalid(`invalid field key ${key}`);
    fields.set(key, value.join("="));
  }
  if (!fields.has("target")) throw invalid(`invalid publish option "${spec}": target is missing`);
  const { target, published = "", protocol = "tcp" } = Object.fromEntries(fields);
  return `${published}:${target}/${protocol}`;
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}
