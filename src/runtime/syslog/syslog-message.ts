import type { SyslogTarget } from "./syslog-target.ts";

/** One line of a container. */
export interface SyslogLine {
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 in UTC with nine digits of a second */
  readonly time: string;
  readonly text: Uint8Array;
}

export interface SyslogSender {
  readonly hostname: string;
  readonly tag: string;
  readonly pid: number;
}

const ERROR = 3;
const INFORMATIONAL = 6;
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * The message of a line, without a frame: RFC 3164, section 4 (without a host name when no format was asked for, as local
 * daemons expect it), or RFC 5424, section 6. Standard error is of severity error, all else informational. Pure.
 */
export function syslogMessage(
  line: SyslogLine,
  sender: SyslogSender,
  { facility, format }: Pick<SyslogTarget, "facility" | "format">,
): Buffer {
  const priority = `<${facility * 8 + (line.stream === "stderr" ? ERROR : INFORMATIONAL)}>`;
  return Buffer.concat([Buffer.from(priority + header(line.time, sender, format)), line.text]);
}

function header(time: string, { hostname, tag, pid }: SyslogSender, format: SyslogTarget["format"]): string {
  switch (format) {
    case "":
      return `${stamp(time)} ${tag}[${pid}]: `;
    case "rfc3164":
      return `${stamp(time)} ${hostname} ${tag}[${pid}]: `;
    case "rfc5424":
      return `1 ${time.slice(0, 19)}Z ${hostname} ${tag} ${pid} ${tag} - `;
    case "rfc5424micro":
      return `1 ${time.slice(0, 26)}Z ${hostname} ${tag} ${pid} ${tag} - `;
  }
}

/** `Jan  2 15:04:05`, in the host's own time, as its daemons write it. */
function stamp(time: string): string {
  const at = new Date(`${time.slice(0, 19)}Z`);
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
  return `${months[at.getMonth()]} ${String(at.getDate()).padStart(2)} ${clock}`;
}
