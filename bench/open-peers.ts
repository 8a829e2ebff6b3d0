import { join } from "node:path";
import { openDocker } from "./peers/docker.ts";
import { openBareRuntime, openTool } from "./peers/floor.ts";
import { isMissing, type MissingPeer, type Peer } from "./peers/peer.ts";
import { openPodman } from "./peers/podman.ts";
import { openDockerRegistry } from "./peers/registry.ts";
import { openSlipway } from "./peers/slipway.ts";

const openers: Readonly<
  Record<string, (directory: string) => Promise<Peer | MissingPeer> | Peer | MissingPeer>
> = {
  slipway: (directory) => openSlipway(join(directory, "slipway")),
  docker: (directory) => openDocker(join(directory, "docker")),
  podman: (directory) => openPodman(join(directory, "podman")),
  "docker-registry": () => openDockerRegistry(),
  crun: (directory) => openBareRuntime("crun", directory),
  runc: (directory) => openBareRuntime("runc", directory),
  "cp -a": () => openTool("cp", "cp -a"),
  tar: () => openTool("tar", "tar"),
};

/** Slipway and the peers of those names (all, when none is named), started; and those that are not to be had. */
export async function openPeers(
  directory: string,
  names: readonly string[],
  onOpen: (peer: Peer) => void,
): Promise<(Peer | MissingPeer)[]> {
  const found: (Peer | MissingPeer)[] = [];
  for (const [name, open] of Object.entries(openers)) {
    if (names.length > 0 && name !== "slipway" && !names.includes(name)) continue;
    const peer = await open(directory);
    if (!isMissing(peer)) onOpen(peer);
    found.push(peer);
  }
  return found;
}
