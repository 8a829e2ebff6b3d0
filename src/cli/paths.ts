import { digestOf, splitDigest } from "../oci/digest.ts";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/** Without root the engine is root in its own namespaces alone: what it was told of the user counts there. */
function userOf(env: Env): number {
  const told = Number(env["SLIPWAY_ROOTLESS"]?.split(":")[0] || 0);
  return told === 0 ? (process.getuid?.() ?? 0) : told;
}

/** `/var/lib/slipway`; without root `$XDG_DATA_HOME/slipway`. */
export function defaultRoot(env: Env): string {
  if (userOf(env) === 0) return "/var/lib/slipway";
  return join(env["XDG_DATA_HOME"] || join(env["HOME"] ?? homedir(), ".local/share"), "slipway");
}

/**
 * Sockets, mounts and namespaces of the engine on `root`: `/run/slipway` for the default root, a directory of its own
 * below that for every other one, so that engines never meet. Without root `$XDG_RUNTIME_DIR/slipway`.
 */
export function runDirectory(root: string, env: Env): string {
  const user = userOf(env);
  const base = user === 0 ? "/run" : env["XDG_RUNTIME_DIR"] || `/tmp/slipway-${user}`;
  const path = resolve(root);
  if (path === defaultRoot(env)) return join(base, "slipway");
  return join(base, "slipway-roots", splitDigest(digestOf(path)).hex.slice(0, 12));
}

/** The socket of the engine on `root`, where none is named. */
export function defaultSocket(root: string, env: Env): string {
  return join(runDirectory(root, env), "slipway.sock");
}
