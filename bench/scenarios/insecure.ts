import type { Peer } from "../peers/peer.ts";

/** Only Podman must be told that the loopback speaks plain HTTP. */
export function insecure(peer: Peer): string[] {
  return peer.name === "podman" ? ["--tls-verify=false"] : [];
}
