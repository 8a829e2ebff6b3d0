import { useHostCA } from "../../runtime/host-ca.ts";
import type { ContainerHost } from "./host.ts";
import { linkedEnv } from "./links.ts";
import type { ContainerRecord } from "./record.ts";

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The variables of a process: Docker's own (PATH, HOSTNAME, HOME, TERM on a terminal) and those of links, where neither the image nor the
 * user set them, the container's, then `more`. The last of a name wins; a name alone takes it away. Pure.
 */
export function processEnv(
  host: Pick<ContainerHost, "hostCA" | "store">,
  record: ContainerRecord,
  process: { readonly terminal: boolean; readonly home: string; readonly more?: readonly string[] },
): string[] {
  const own = [
    defaultPath,
    ...(record.config.Hostname ? [`HOSTNAME=${record.config.Hostname}`] : []),
    ...(process.terminal ? ["TERM=xterm"] : []),
    ...linkedEnv(host, record),
    ...(record.hostCA && host.hostCA !== undefined
      ? useHostCA(host.hostCA, record.config.Env ?? []).env
      : []),
  ];
  const byName = new Map<string, string>();
  for (const pair of [...own, ...(record.config.Env ?? []), ...(process.more ?? [])]) {
    const [name = ""] = pair.split("=", 1);
    if (pair.includes("=")) byName.set(name, pair);
    else byName.delete(name);
  }
  if (!byName.has("HOME")) byName.set("HOME", `HOME=${process.home}`);
  return [...byName.values()];
}
