import { SlipwayError } from "../../errors.ts";

/**
 * `8000-8002/udp` → `8000/udp`, `8001/udp`, `8002/udp`. An address or a port of the host before it is passed over, as in
 * BuildKit. Throws `invalid_argument`.
 */
export function expandPorts(word: string): string[] {
  const [ports = "", protocol = "tcp", ...more] = (word.split(":").at(-1) ?? "").split("/");
  if (ports === "") throw new SlipwayError("invalid_argument", `invalid port: "${word}": no port specified`);
  const match = /^(\d+)(?:-(\d+))?$/.exec(ports);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  const kind = protocol === "" ? "tcp" : protocol.toLowerCase();
  if (!["tcp", "udp", "sctp"].includes(kind) || more.length > 0)
    throw new SlipwayError("invalid_argument", `invalid proto: ${[protocol, ...more].join("/")}`);
  if (match === null || last > 65535 || last < first)
    throw new SlipwayError("invalid_argument", `invalid containerPort: ${ports}`);
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${kind}`);
}
