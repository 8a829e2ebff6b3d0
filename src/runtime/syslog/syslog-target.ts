import { SlipwayError } from "../../errors.ts";

/** Where messages of a container's log go, and how they are written: the options of Docker's `syslog` driver. */
export interface SyslogTarget {
  readonly transport: "unix" | "udp" | "tcp";
  /** path of the socket, or name of the host */
  readonly host: string;
  readonly port: number;
  /** 0 to 23 */
  readonly facility: number;
  readonly format: SyslogFormat;
}

export type SyslogFormat = "" | "rfc3164" | "rfc5424" | "rfc5424micro";

export const localSocket = "/dev/log";

const names = "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp".split(" ");
const facilities: ReadonlyMap<string, number> = new Map([
  ...names.map((name, number) => [name, number] as const),
  ...Array.from({ length: 8 }, (_, at) => [`local${at}`, 16 + at] as const),
]);
const defaultPort = 514;

/**
 * Reads `syslog-address`, `syslog-facility` and `syslog-format`. Pure. Throws `invalid_argument` in Docker's words, and
 * `not_implemented` for transports that are not there.
 */
export function syslogTarget(options: Readonly<Record<string, string>>): SyslogTarget {
  const {
    "syslog-address": address = "",
    "syslog-facility": facility = "daemon",
    "syslog-format": format = "",
  } = options;
  const number = facilities.get(facility) ?? (/^\d+$/.test(facility) ? Number(facility) : NaN);
  if (!(number <= 23)) throw invalid("invalid syslog facility");
  if (format !== "" && format !== "rfc3164" && format !== "rfc5424" && format !== "rfc5424micro")
    throw invalid(`invalid syslog format: ${format}`);
  return { ...place(address), facility: number, format };
}

function place(address: string): Pick<SyslogTarget, "transport" | "host" | "port"> {
  if (address === "") return { transport: "unix", host: localSocket, port: 0 };
  const [, scheme = "", rest = ""] = /^([a-z+]+):\/\/(.+)$/.exec(address) ?? [];
  if (scheme === "") throw invalid(`syslog-address should be in form proto://address, got ${address}`);
  if (scheme === "unix" || scheme === "unixgram") {
    if (!rest.startsWith("/"))
      throw invalid(`syslog-address should be in form proto://address, got ${address}`);
    return { transport: "unix", host: rest, port: 0 };
  }
  if (scheme === "tcp+tls")
    throw new SlipwayError(
      "not_implemented",
      "syslog-address tcp+tls:// is not supported: use tcp, udp or unix",
    );
  if (scheme !== "udp" && scheme !== "tcp") throw invalid(`unsupported scheme: '${scheme}'`);
  const [, bracketed, plain = "", port = String(defaultPort)] =
    /^(?:\[([^\]]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/.exec(rest) ?? [];
  const host = bracketed ?? plain;
  if (host === "") throw invalid(`syslog-address should be in form proto://address, got ${address}`);
  return { transport: scheme, host, port: Number(port) };
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}
