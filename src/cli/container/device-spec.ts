import type { DeviceMapping } from "../../engine/types/container-config.ts";
import { UsageError } from "../flags/parse-flags.ts";

/** `/dev/fuse[:/dev/fuse[:rwm]]`. Throws {@link UsageError} in Docker's words. Pure. */
export function parseDevice(word: string): DeviceMapping {
  if (/^[\w.-]+\.[\w.-]+\/[\w.-]+=/.test(word))
    throw new UsageError(`CDI devices are not supported: ${word}`);
  const [host = "", second, third, extra] = word.split(":");
  if (host === "" || extra !== undefined) throw new UsageError(`bad format for path: ${word}`);
  if (third !== undefined && !isMode(third)) throw new UsageError(`bad mode specified: ${third}`);
  const target = second === undefined || (third === undefined && isMode(second)) ? host : second;
  if (!target.startsWith("/")) throw new UsageError(`${target} is not an absolute path`);
  const mode = third ?? (second !== undefined && isMode(second) ? second : "rwm");
  return { PathOnHost: host, PathInContainer: target, CgroupPermissions: mode };
}

function isMode(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}
