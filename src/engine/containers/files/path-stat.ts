import type { PathStat } from "../../../layer/tree-tasks.ts";
import type { ContainerPathStat } from "../../container-files.ts";

/** The bits of stat(2) above the permissions, and the ones of Go's `os.FileMode` for them. */
const types = new Map<number, number>([
  [0o040000, 2 ** 31],
  [0o120000, 2 ** 27],
  [0o060000, 2 ** 26],
  [0o010000, 2 ** 25],
  [0o140000, 2 ** 24],
  [0o020000, 2 ** 26 + 2 ** 21],
]);

/** A path's stat as the API tells it. */
export function apiPathStat(stat: PathStat): ContainerPathStat {
  const { name, size, linkTarget } = stat;
  return { name, size, mode: goFileMode(stat.mode), mtime: rfc3339(BigInt(stat.mtime)), linkTarget };
}

/** `os.FileMode` of Go: permissions as they are, everything else in bits of its own. */
export function goFileMode(mode: number): number {
  const special =
    ((mode & 0o4000) === 0 ? 0 : 2 ** 23) +
    ((mode & 0o2000) === 0 ? 0 : 2 ** 22) +
    ((mode & 0o1000) === 0 ? 0 : 2 ** 20);
  return (types.get(mode & 0o170000) ?? 0) + special + (mode & 0o777);
}

/** With as many digits of the second as there are, as Go writes it. */
function rfc3339(nanoseconds: bigint): string {
  const billion = 1_000_000_000n;
  const rest = ((nanoseconds % billion) + billion) % billion;
  const seconds = (nanoseconds - rest) / billion;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = String(rest).padStart(9, "0").replace(/0+$/, "");
  return `${whole}${fraction === "" ? "" : `.${fraction}`}Z`;
}
