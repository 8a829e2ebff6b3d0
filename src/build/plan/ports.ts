import { SlipwayError } from "../../errors.ts";

/** `8000-8002/udp` → `8000/udp`, `8001/udp`, `8002/udp`. Throws `invalid_argument`. */
export function expandPorts(word: string): string[] {
  const match = /^(?:[^/]*:)?(\d+)(?:-(\d+))?(?:\/([A-Za-z]*))?$/.exec(word);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  const protocol = (match?.[3] || "tcp").toLowerCase();
  if (match === null || last > 65535 || last < first || !["tcp", "udp", "sctp"].includes(protocol)) {
    throw new SlipwayError("invalid_argument", `Invalid containerPort: ${word}`);
  }
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${protocol}`);
}
