import { releaseNamespaces } from "./namespaces.ts";
import { disconnectOutside } from "./outside-network.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Ends the namespaces this process entered and what carries their packets out, unless another process uses them. For
 * when no container runs in them any more. Idempotent.
 */
export function leaveNamespaces(runDirectory: string, env: Env): void {
  const lock = lockOf(env);
  if (lock !== undefined) releaseNamespaces(runDirectory, lock, () => disconnectOutside(runDirectory));
}

/** The descriptor of the lock that all who use the namespaces share; undefined with root. */
export function lockOf(env: Env): number | undefined {
  const lock = env["SLIPWAY_ROOTLESS"]?.split(":")[2];
  return lock === undefined || lock === "" ? undefined : Number(lock);
}
