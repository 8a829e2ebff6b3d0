import { readFileSync } from "node:fs";
import type { ListenAddress, ServerTls } from "../../api/http/listen.ts";
import { ExitError } from "../command.ts";

export interface ListenFlags {
  readonly listen: readonly string[];
  readonly group: string | undefined;
  readonly "socket-mode": string | undefined;
  readonly insecure: boolean;
  readonly tlscacert: string | undefined;
  readonly tlscert: string | undefined;
  readonly tlskey: string | undefined;
}

const firstDescriptor = 3;

/**
 * Where the engine listens: what `--listen` names, else the sockets that systemd hands over (sd_listen_fds(3)), else the
 * unix socket at `socket`. TCP needs a certificate and an authority for the clients' certificates, or `--insecure` on a
 * loopback address. Throws {@link ExitError}.
 */
export function listenAddresses(
  flags: ListenFlags,
  socket: string,
  env: Readonly<Record<string, string | undefined>>,
): ListenAddress[] {
  const unix = (path: string): ListenAddress => ({ path, mode: modeOf(flags), group: groupOf(flags.group) });
  const inherited = inheritedSockets(env);
  if (flags.listen.length === 0) return inherited.length > 0 ? inherited : [unix(socket)];
  return flags.listen.flatMap((text) => {
    if (text === "fd://") return inherited.length > 0 ? inherited : none(text);
    if (text.startsWith("unix:///") || text.startsWith("/")) return [unix(text.replace(/^unix:\/\//, ""))];
    return [tcp(text, flags)];
  });
}

function none(text: string): never {
  throw new ExitError(1, `Cannot listen on "${text}": no socket was handed over (LISTEN_FDS, LISTEN_PID)`);
}

/** The sockets handed over to this very process. */
function inheritedSockets(env: Readonly<Record<string, string | undefined>>): ListenAddress[] {
  if (Number(env["LISTEN_PID"]) !== process.pid) return [];
  const count = Number(env["LISTEN_FDS"] ?? 0);
  return Array.from({ length: count }, (_, at) => ({ fd: firstDescriptor + at }));
}

function tcp(text: string, flags: ListenFlags): ListenAddress {
  const match = /^tcp:\/\/(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text);
  const [host, port] = [match?.[1] ?? match?.[2], Number(match?.[3])];
  if (host === undefined || port > 65535)
    throw new ExitError(1, `Cannot listen on "${text}": expected unix:///path, tcp://host:port or fd://`);
  const tls = tlsFiles(flags);
  if (tls !== undefined) return { host, port, tls };
  if (!flags.insecure) {
    const how = "give --tlscacert, --tlscert and --tlskey (or, for a loopback address alone, --insecure)";
    throw new ExitError(1, `Cannot listen on "${text}": who reaches it rules this machine; ${how}`);
  }
  if (!/^(127\.[\d.]+|::1|localhost)$/.test(host))
    throw new ExitError(1, `Cannot listen on "${text}": --insecure is for loopback addresses alone`);
  return { host, port };
}

function tlsFiles({ tlscacert, tlscert, tlskey }: ListenFlags): ServerTls | undefined {
  if (tlscacert === undefined && tlscert === undefined && tlskey === undefined) return undefined;
  if (tlscacert === undefined || tlscert === undefined || tlskey === undefined)
    throw new ExitError(1, "--tlscacert, --tlscert and --tlskey belong together");
  return { ca: read(tlscacert), cert: read(tlscert), key: read(tlskey) };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ExitError(1, `Cannot read "${path}": ${String(cause)}`, { cause });
  }
}

/** The mode of a socket. */
export function modeOf({ "socket-mode": text }: Pick<ListenFlags, "socket-mode">): number | undefined {
  if (text === undefined) return undefined;
  if (!/^0?[0-7]{3}$/.test(text))
    throw new ExitError(1, `Invalid --socket-mode "${text}": expected 660 or its like`);
  return Number.parseInt(text, 8);
}

/** The number of a group, by name or number. */
export function groupOf(name: string | undefined): number | undefined {
  if (name === undefined || name === "") return undefined;
  if (/^\d+$/.test(name)) return Number(name);
  const line = read("/etc/group")
    .split("\n")
    .find((text) => text.startsWith(`${name}:`));
  const number = Number(line?.split(":")[2]);
  if (line === undefined || !Number.isInteger(number)) throw new ExitError(1, `No such group: ${name}`);
  return number;
}
